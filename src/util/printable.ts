/**
 * What somebody else wrote, fit for a line of ours: control characters and line breaks become question marks, and it
 * ends after `most` UTF-16 units.
 */
export function printable(text: string, most = 200): string {
  return text.slice(0, most).replace(/\p{C}/gu, "?");
}
