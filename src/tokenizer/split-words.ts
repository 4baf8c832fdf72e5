/**
 * Text -> the pieces inside which BPE merges, as Llama 3 does (the pre-tokenizer that llama.cpp calls llama-bpe):
 * English contractions | one other character and letters | up to three digits | punctuation | white space.
 * A scanner and not a regular expression: same result, but no backtracking stack on a megabyte of spaces.
 * Letters and digits that Unicode got after 15.1 (53 ranges of rare scripts) are such here, and not yet in llama.cpp.
 */

const LETTER = 1;
const NUMBER = 2;
const SPACE = 3;
/** A line break is white space too. */
const BREAK = 4;
const OTHER = 5;

/** Class of each code point, filled as they are met. */
const classes = new Uint8Array(0x110000);
// \s of JavaScript has U+FEFF and lacks U+0085: white space here is that of the Unicode standard.
const WHITE = /\p{White_Space}/u;
const CONTRACTION = /'(?:[sdmt]|ll|re|ve)/iy;

/** The class of the code point at `place`; 0 beyond the end. */
function classAt(text: string, place: number): number {
  const code = text.codePointAt(place);
  if (code === undefined) return 0;
  return classes[code] || classify(code);
}

function classify(code: number): number {
  const character = String.fromCodePoint(code);
  let found = OTHER;
  if (/\p{L}/u.test(character)) found = LETTER;
  else if (/\p{N}/u.test(character)) found = NUMBER;
  else if (character === "\r" || character === "\n") found = BREAK;
  else if (WHITE.test(character)) found = SPACE;
  classes[code] = found;
  return found;
}

/** Places are UTF-16 code units; `text` must be well-formed. */
function width(text: string, place: number): number {
  return text.codePointAt(place)! > 0xffff ? 2 : 1;
}

function skip(text: string, place: number, wanted: number): number {
  let end = place;
  while (classAt(text, end) === wanted) end += width(text, end);
  return end;
}

/** Calls `use` for each piece in order; the pieces joined are `text`. */
export function splitWords(text: string, use: (word: string) => void): void {
  for (let start = 0; start < text.length; ) {
    const end = wordEnd(text, start);
    use(text.slice(start, end));
    start = end;
  }
}

function wordEnd(text: string, start: number): number {
  if (text.charCodeAt(start) === 0x27) {
    CONTRACTION.lastIndex = start;
    if (CONTRACTION.test(text)) return CONTRACTION.lastIndex;
  }
  const first = classAt(text, start);
  const second = start + width(text, start);
  if (first === LETTER) return skip(text, second, LETTER);
  if (first === NUMBER) return digitsEnd(text, start);
  if (first !== BREAK && classAt(text, second) === LETTER) return skip(text, second, LETTER);
  if (first === OTHER) return punctuationEnd(text, start);
  if (text[start] === " " && classAt(text, second) === OTHER) return punctuationEnd(text, second);
  return whiteSpaceEnd(text, start);
}

function digitsEnd(text: string, start: number): number {
  let end = start;
  for (let count = 0; count < 3 && classAt(text, end) === NUMBER; count++) end += width(text, end);
  return end;
}

/** Punctuation takes the line breaks after it along. */
function punctuationEnd(text: string, start: number): number {
  return skip(text, skip(text, start, OTHER), BREAK);
}

/** Up to the last line break; without one, all but the last character, which belongs to what follows. */
function whiteSpaceEnd(text: string, start: number): number {
  let end = start;
  let afterBreak = 0;
  for (;;) {
    const found = classAt(text, end);
    if (found !== SPACE && found !== BREAK) break;
    end++; // All white space lies below U+10000.
    if (found === BREAK) afterBreak = end;
  }
  if (afterBreak > 0) return afterBreak;
  return end < text.length && end - start > 1 ? end - 1 : end;
}
