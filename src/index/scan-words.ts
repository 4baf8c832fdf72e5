/**
 * Text in, the places of its words out: what
 *
 *     \p{Nd}+(?:[.,:]\p{Nd}+)+|[\p{L}\p{N}][\p{L}\p{M}\p{N}\u00AD]*(?:['’][\p{L}\p{M}\u00AD]+)*
 *
 * matches. Numbers with inner separators (4:51, 3.5, 1,000) stay whole; everything else is a run of letters and digits,
 * apostrophes inside included. By hand, as the regular expression takes most of the time of whoever reads many texts.
 * Linear on any input.
 */

/** What a character may be, as bits; a digit is a number, too. None is a character that was not met before. */
const OTHER = 1;
const LETTER = 2;
/** With soft hyphens. */
const MARK = 4;
const NUMBER = 8;
const DIGIT = 16;

/** Of code units that are whole characters; filled as they come. */
const KINDS = new Uint8Array(0x10000);

/** Calls `found` with each word, `text.slice(start, end)`, in order. */
export function scanWords(text: string, found: (start: number, end: number) => void): void {
  for (let at = 0; at < text.length; ) {
    const kind = kindAt(text, at);
    if (kind & (LETTER | NUMBER)) {
      const start = at;
      at = (kind & DIGIT && separatedNumberEnd(text, start)) || wordEnd(text, start);
      found(start, at);
    } else at++;
  }
}

/** 0 where it has no separators. */
function separatedNumberEnd(text: string, start: number): number {
  const first = runEnd(text, start, DIGIT);
  let end = first;
  for (let mark = text[end]; mark === "." || mark === "," || mark === ":"; mark = text[end]) {
    const next = runEnd(text, end + 1, DIGIT);
    if (next === end + 1) break;
    end = next;
  }
  return end === first ? 0 : end;
}

function wordEnd(text: string, start: number): number {
  let end = runEnd(text, start, LETTER | MARK | NUMBER);
  for (let mark = text[end]; mark === "'" || mark === "’"; mark = text[end]) {
    const next = runEnd(text, end + 1, LETTER | MARK);
    if (next === end + 1) break;
    end = next;
  }
  return end;
}

function runEnd(text: string, start: number, kinds: number): number {
  let end = start;
  while (end < text.length && kindAt(text, end) & kinds) end++;
  return end;
}

/** Both halves of a surrogate pair are what the pair is. */
function kindAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return KINDS[unit] || findKind(text, at, unit);
}

function findKind(text: string, at: number, unit: number): number {
  if (unit >= 0xd800 && unit <= 0xdfff) return kindOf(String.fromCodePoint(pairAt(text, at, unit)));
  const kind = kindOf(text[at]!);
  KINDS[unit] = kind;
  return kind;
}

/** The code point of which a surrogate is either half; itself, where it stands alone. */
function pairAt(text: string, at: number, unit: number): number {
  const before = unit >= 0xdc00 && at > 0 ? text.codePointAt(at - 1)! : 0;
  return before > 0xffff ? before : text.codePointAt(at)!;
}

function kindOf(character: string): number {
  if (/^\p{L}/u.test(character)) return LETTER;
  if (/^[\p{M}\u00AD]/u.test(character)) return MARK;
  if (/^\p{Nd}/u.test(character)) return NUMBER | DIGIT;
  return /^\p{N}/u.test(character) ? NUMBER : OTHER;
}
