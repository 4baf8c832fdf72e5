/** Running text that is too long for one chunk, in smaller blocks: by lines, then sentences, then words. */
import type { Span } from "../spec/document.ts";
import { splitSentences } from "../util/split-sentences.ts";
import type { Block } from "./block.ts";

/** Blocks of at most `most` UTF-16 code units that hold all of the span but white space. */
export function divideText(text: string, { start, end }: Span, most: number): Block[] {
  return lines(text, start, end).flatMap((line) =>
    line.end - line.start <= most ? [line] : divideLine(text, line, most),
  );
}

/** The lines of the stretch that hold anything, with their indentation. */
export function lines(text: string, start: number, end: number): Span[] {
  const found: Span[] = [];
  for (let at = start; at < end; ) {
    const next = text.indexOf("\n", at);
    const stop = next < 0 || next >= end ? end : next;
    const length = text.slice(at, stop).trimEnd().length;
    if (length > 0) found.push({ start: at, end: at + length });
    at = stop + 1;
  }
  return found;
}

function divideLine(text: string, line: Span, most: number): Block[] {
  return splitSentences(text.slice(line.start, line.end)).flatMap((sentence) => {
    const start = line.start + sentence.start;
    const end = line.start + sentence.end;
    return end - start <= most ? [{ start, end }] : divideWords(text, start, end, most);
  });
}

/** Pieces as long as possible that end before a space, else anywhere but between the halves of a character. */
function divideWords(text: string, start: number, end: number, most: number): Block[] {
  const found: Block[] = [];
  for (let at = start; at < end; ) {
    let stop = Math.min(end, at + most);
    if (stop < end) {
      // Of this piece: in a text without spaces a search back to its beginning would be quadratic.
      const space = text.slice(at, stop + 1).lastIndexOf(" ");
      if (space > 0) stop = at + space;
      else if (/[\uDC00-\uDFFF]/.test(text[stop]!) && stop > at + 1) stop--;
    }
    found.push({ start: at, end: stop });
    at = stop;
    while (at < end && /\s/.test(text[at]!)) at++;
  }
  return found;
}
