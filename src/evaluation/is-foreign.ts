/** Whether a text is mostly written in letters of other scripts than the two languages have: its writer can hardly have read them. */
export function isForeign(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const known = text.match(/[\p{Script=Cyrillic}\p{Script=Latin}]/gu)?.length ?? 0;
  return letters > 2 * known;
}
