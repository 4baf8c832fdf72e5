/**
 * Running text in, the spans of its sentences out, Russian or English, without surrounding white space. By
 * rule: an end mark ends a sentence unless it follows an abbreviation or an initial, or a small letter comes
 * next. Knows nothing of markup: a blank line is the only layout that it sees.
 */
import type { Span } from "../spec/document.ts";
import { isSpace } from "./is-space.ts";

/** Words that take a dot and usually go on. Single letters (initials, "г.", "e.g.") are covered by a rule. */
const ABBREVIATIONS = new Set(
  (
    "гг вв др пр см рис табл стр им ул пл пер просп обл р-н тыс млн млрд трлн руб коп долл чел ок род ум " +
    "проф акад доц гр тов св изд ред соч кв пос сл напр англ лат греч фр нем итал исп рус букв яп кит " +
    "mr mrs ms dr prof st sr jr vs etc fig no vol pp ed eds inc ltd co corp gen col lt capt sgt rev hon " +
    "jan feb mar apr jun jul aug sep sept oct nov dec approx ca cf al est mt ft ave"
  ).split(" "),
);

/**
 * End marks with the quotes or brackets that close after them; or a blank line. No look-ahead here: a run of
 * dots would be read again from each of its dots.
 */
const BOUNDARY = /[.!?…。！？]+["'»”’)\]]*|\n[^\S\n]*\n/gu;

/** What a sentence may not begin with: a small letter, or a mark that continues one. */
const CONTINUES = /^[\p{Ll},;:)\]]/u;

/** White space passed over for it; more of it ends a sentence. */
const LOOK_AHEAD = 40;

export function splitSentences(text: string): Span[] {
  const sentences: Span[] = [];
  let start = skipSpace(text, 0);
  const push = (end: number) => {
    if (end <= start) return;
    const span = trimSpan(text, start, end);
    if (span.end > span.start) sentences.push(span);
    start = skipSpace(text, end);
  };
  for (const match of text.matchAll(BOUNDARY)) {
    const end = match.index + match[0].length;
    if (match[0].startsWith("\n") || endsSentence(text, start, match.index, end)) push(end);
  }
  push(text.length);
  return sentences;
}

function endsSentence(text: string, start: number, mark: number, end: number): boolean {
  const bound = Math.min(text.length, end + LOOK_AHEAD);
  const next = skipSpace(text, end, bound);
  if (next === end && end < text.length) return false;
  if (next === bound) return true;
  if (CONTINUES.test(text.slice(next, Math.min(next + 2, bound)))) return false;
  if (text[mark] !== "." || end > mark + 1) return true;
  // Look back no further than any abbreviation is long, so that a text without spaces costs nothing.
  const before = /[\p{L}\p{N}.-]*$/u.exec(text.slice(Math.max(start, mark - 16), mark))![0];
  const last = before.split(".").at(-1)!;
  if (/^\p{L}$/u.test(last)) return false;
  if (/^\p{Nd}{1,2}$/u.test(before) && mark - before.length === start) return false;
  return !ABBREVIATIONS.has(last.toLowerCase());
}

function skipSpace(text: string, start: number, bound = text.length): number {
  let at = start;
  while (at < bound && isSpace(text, at)) at++;
  return at;
}

function trimSpan(text: string, start: number, end: number): Span {
  let to = end;
  while (to > start && isSpace(text, to - 1)) to--;
  return { start, end: to };
}
