/** Plain text in, its paragraphs out: what stands between blank lines; where there are none, lines. */
import type { Block } from "./block.ts";

const BLANK_LINES = /\n[^\S\n]*\n\s*/g;

export function plainBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let start = 0;
  const push = (end: number) => {
    const piece = text.slice(start, end);
    const lead = piece.length - piece.trimStart().length;
    if (lead < piece.length) blocks.push({ start: start + lead, end: start + piece.trimEnd().length });
  };
  for (const { index, 0: gap } of text.matchAll(BLANK_LINES)) {
    push(index);
    start = index + gap.length;
  }
  push(text.length);
  return blocks;
}
