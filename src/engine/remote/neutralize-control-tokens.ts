/**
 * A server that takes text tokenizes the whole prompt with control tokens on, so content must not spell one. An
 * invisible word joiner (U+2060) after the first character of each spelling breaks it; nothing else changes.
 */
import type { Segment } from "../../spec/message.ts";
import { WORD_JOINER } from "../word-joiner.ts";

/** Spellings of the families in use, known by their form. Each matches once at most from one place: see `breaks`. */
const FAMILIES: readonly RegExp[] = [
  // Llama 3, ChatML, Phi, GPT; with U+FF5C: DeepSeek.
  /<[|｜][^|｜<>\n]{1,64}[|｜]>/y,
  // SentencePiece (Llama 2, Mistral), Gemma, Mistral-Nemo's and T5's numbered ones.
  /<\/?(?:s|unk|pad|bos|eos|mask)>/y,
  /<(?:start|end)_of_(?:turn|image|text)>/y,
  /<(?:SPECIAL_|unused|extra_id_)\d{1,6}>/y,
  // Mistral; Llama 2's system message.
  /\[\/?[A-Z][A-Z_]{1,31}\]/y,
  /<<\/?SYS>>/y,
];

/**
 * Afterwards no spelling of a known family and none of `spellings` is left in the text. Doing it again changes
 * nothing. Spellings of one character, and those with a word joiner, cannot be broken and are passed over.
 */
export function neutralizeControlTokens(text: string, spellings: readonly string[]): string {
  return joinSegments([{ kind: "text", text }], spellings);
}

/**
 * The prompt as one string, in which only `control` segments spell control tokens: also not a text together with
 * what the template writes around it. Control segments come through unchanged.
 */
export function joinSegments(segments: readonly Segment[], spellings: readonly string[]): string {
  const whole = segments.map((segment) => segment.text).join("");
  const places = breaks(whole, textRanges(segments), spellings);
  let joined = "";
  let from = 0;
  for (const place of places) {
    joined += whole.slice(from, place) + WORD_JOINER;
    from = place;
  }
  return joined + whole.slice(from);
}

/** Spellings that a template writes by itself: `<...>` and `[...]` of its source, and the tokens it is given. */
export function templateSpellings(template: string, tokens: readonly string[]): string[] {
  const written = template.match(/<[^<>\s'"{}]{1,64}>|\[\/?[A-Za-z_]{2,32}\]/g) ?? [];
  return [...new Set([...written, ...tokens])].filter((s) => s.length > 1 && !s.includes(WORD_JOINER));
}

interface Range {
  start: number;
  end: number;
}

function textRanges(segments: readonly Segment[]): Range[] {
  const ranges: Range[] = [];
  let start = 0;
  for (const { kind, text } of segments) {
    const end = start + text.length;
    if (kind === "text" && end > start) ranges.push({ start, end });
    start = end;
  }
  return ranges;
}

/**
 * Places to break at, ascending: one inside each spelling that has a character of text, next to that character
 * and never inside a control segment. A break at `start + 1` ends all spellings from `start`, whatever their length.
 */
function breaks(whole: string, texts: readonly Range[], spellings: readonly string[]): number[] {
  const places = new Set<number>();
  const literals = spellings.filter((s) => s.length > 1 && !s.includes(WORD_JOINER));
  const firsts = new Set(literals.map((s) => s[0]!));
  let range = 0;
  for (let start = 0; start < whole.length; start++) {
    while (range < texts.length && texts[range]!.end <= start) range++;
    const text = texts[range];
    if (text === undefined) break;
    const first = whole[start]!;
    if (first !== "<" && first !== "[" && !firsts.has(first)) continue;
    const longest = Math.max(familyLength(whole, start), literalLength(whole, start, literals));
    if (longest > 1 && text.start < start + longest) places.add(Math.max(start + 1, text.start));
  }
  return [...places].sort((a, b) => a - b);
}

function familyLength(whole: string, start: number): number {
  let longest = 0;
  for (const family of FAMILIES) {
    family.lastIndex = start;
    const found = family.exec(whole);
    if (found) longest = Math.max(longest, found[0].length);
  }
  return longest;
}

function literalLength(whole: string, start: number, literals: readonly string[]): number {
  return Math.max(0, ...literals.filter((s) => whole.startsWith(s, start)).map((s) => s.length));
}
