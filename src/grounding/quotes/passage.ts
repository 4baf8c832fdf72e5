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

/** A line of code without a word is no sentence, and code without it is another. */
const BRACKET_LINE = /^[^\S\n]*[{}()[\];,]+[^\S\n]*$/;

/** Of such lines, those before a passage that open what is in it, and those behind that close it. */
const OPENING_LINES = /(?<=\n|^)(?:[^\S\n]*[{([]+[^\S\n]*\n)+[^\S\n]*$/;
const CLOSING_LINES = /^(?:\n[^\S\n]*[})\];,]+[^\S\n]*)+(?=\n|$)/;

/** Characters before and behind a passage that are looked at for them. */
const NEAR = 200;

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
  const { content } = document;
  const start = sentences[first]!.sentence.start;
  const end = sentences[last]!.sentence.end;
  const opening = OPENING_LINES.exec(content.slice(Math.max(0, start - NEAR), start))?.[0] ?? "";
  const closing = CLOSING_LINES.exec(content.slice(end, end + NEAR))?.[0] ?? "";
  return {
    first,
    last,
    start: start - opening.length,
    end: end + closing.length,
    text: `${opening}${textOf(document, first, last)}${closing}`,
  };
}

function textOf({ content, sentences }: IndexedDocument, first: number, last: number): string {
  let text = sentences[first]!.sentence.text;
  for (let i = first + 1; i <= last; i++) {
    const [before, next] = [sentences[i - 1]!.sentence, sentences[i]!.sentence];
    if (before.block === next.block) text += ` ${next.text}`;
    else {
      const between = content.slice(before.end, next.start);
      const brackets = between.split("\n").filter((line, n) => n > 0 && BRACKET_LINE.test(line));
      text += ["", ...brackets, `${LEAD.exec(between)?.[1] ?? ""}${next.text}`].join("\n");
    }
  }
  return text;
}
