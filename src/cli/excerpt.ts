/** A text in, one line of it for a terminal out, at most `limit` characters, and with `match` in it where the text has it. */
import { terminalLine } from "../util/terminal-text.ts";

export function excerpt(text: string, match: string | undefined, limit: number): string {
  const at = match === undefined ? -1 : text.indexOf(match);
  if (at < 0 || at + match!.length <= limit) return terminalLine(text, limit);
  // What stands before says what it is about, what stands behind answers.
  const near = text.slice(0, at).slice(-Math.floor(limit / 3));
  const begun = near.slice(near.search(/\s/) + 1);
  return terminalLine(`…${begun}${text.slice(at)}`, limit);
}
