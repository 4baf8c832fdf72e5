/** Names of what went wrong, undefined where nothing did -> how often each came, in the order in which they came first. */
export function countKinds(kinds: Iterable<string | undefined>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds) if (kind !== undefined) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
