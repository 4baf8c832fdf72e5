/** Source code, tables and records in, stretches between blank lines out; long ones are divided by lines. */
import type { Block } from "./block.ts";
import { lines } from "./divide-text.ts";

export function codeBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  for (const line of lines(text, 0, text.length)) {
    const last = blocks.at(-1);
    // A definition begins where an unindented line follows a blank one.
    const begins =
      !last || (!/\s/.test(text[line.start]!) && /\n\s*\n/.test(text.slice(last.end, line.start)));
    if (begins) blocks.push({ ...line });
    else last.end = line.end;
  }
  return blocks;
}
