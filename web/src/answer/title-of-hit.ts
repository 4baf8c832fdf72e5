/** What people call a document: its title, or the name of its file. */
export function titleOf({ title, source }: { title: string | null; source: string }): string {
  const name = source
    .replace(/[\\/]+$/, "")
    .split(/[\\/]/)
    .at(-1);
  return title?.trim() || name || source;
}
