/** A sentence of a document in, the passage around it out: what stands beside it, verbatim, up to a length. */
import type { IndexedDocument } from "../../retrieval/relevance/support.ts";
import type { Span } from "../../spec/document.ts";

/** `content.slice(start, end)` is the passage; `text` is the same as a reader sees it, a line a block. */
export interface Passage extends Span {
  text: string;
  /** Of its sentences, the first and the last. */
  first: number;
  last: number;
}

/** What stands before the text of a line: the mark of an item, the indentation of code. */
const LEAD = /(?:^|\n)([^\S\n]*(?:(?:[-*+•]|\d{1,3}[.)])[^\S\n]+)?)$/;

/**
 * Grows by whole sentences, after and before in turn, up to `limit` characters; never over a heading, which tells of
 * something else, nor over a sentence that `isTaken`.
 */
export function passageAround(
  document: IndexedDocument,
  sentence: number,
  { limit, isTaken }: { limit: number; isTaken: (sentence: number) => boolean },
): Passage {
  const { sentences } = document;
  let [first, last] = [sentence, sentence];
  let length = sentences[sentence]!.sentence.text.length;
  const take = (next: number) => {
    const found = sentences[next]?.sentence;
    if (!found || found.heading || isTaken(next) || length + 1 + found.text.length > limit) return false;
    length += 1 + found.text.length;
    first = Math.min(first, next);
    last = Math.max(last, next);
    return true;
  };
  for (let [after, before] = [true, true]; after || before; ) {
    after &&= take(last + 1);
    before &&= take(first - 1);
  }
  return {
    first,
    last,
    start: sentences[first]!.sentence.start,
    end: sentences[last]!.sentence.end,
    text: textOf(document, first, last),
  };
}

function textOf({ content, sentences }: IndexedDocument, first: number, last: number): string {
  let text = sentences[first]!.sentence.text;
  for (let i = first + 1; i <= last; i++) {
    const [before, next] = [sentences[i - 1]!.sentence, sentences[i]!.sentence];
    if (before.block === next.block) text += ` ${next.text}`;
    else text += `\n${LEAD.exec(content.slice(before.end, next.start))?.[1] ?? ""}${next.text}`;
  }
  return text;
}
