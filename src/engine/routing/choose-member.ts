/** Which of several servers a request goes to. Pure: what is known of them in, one of them out. */

export interface Candidate {
  /** Requests of ours under way there. */
  readonly load: number;
  /** Counts up with every request: who is lower has waited longer. */
  readonly lastChosen: number;
}

/**
 * How many more requests than the least loaded a server may have, and still get one whose beginning it has in its cache.
 * A prompt with documents takes longer to be read than one more answer in a batch costs the others, which GPUs, bound
 * by memory there, hardly notice: so a few are allowed, 2, within what servers with four slots take. Among many, loads
 * differ by chance alone, and a bound that did not grow would drive conversations from their caches: so half of the
 * least load more. In a simulation (docs/log.md) 95 to 99 of 100 turns meet their cache so, without any lead half do.
 * (vLLM's own router leaves the cache at 64 more and 1.5 times as many.)
 */
export function allowedLead(leastLoad: number): number {
  return 2 + Math.floor(leastLoad / 2);
}

/**
 * One of `holders`, who have the beginning of the prompt, unless it is clearly more loaded than others; else the least
 * loaded, of equals the one that has waited longest. `members` are those that may be chosen; undefined where none may.
 */
export function chooseMember<T extends Candidate>(
  members: readonly T[],
  holders: ReadonlySet<T>,
): T | undefined {
  const least = leastLoaded(members);
  const holder = leastLoaded(members.filter((member) => holders.has(member)));
  return least && holder && holder.load <= least.load + allowedLead(least.load) ? holder : least;
}

function leastLoaded<T extends Candidate>(members: readonly T[]): T | undefined {
  let best: T | undefined;
  for (const member of members)
    if (
      !best ||
      member.load < best.load ||
      (member.load === best.load && member.lastChosen < best.lastChosen)
    )
      best = member;
  return best;
}
