/** Texts and sets of characters -> GBNF; as they are, or as they stand within the quotes of JSON. */
import { inBoth, joinRanges, otherThan, type Range } from "./ranges.ts";

/** A text as a literal. "(" is escaped as well: the engine counts groups. */
export function literal(text: string): string {
  return `"${text.replace(/["\\(\u0000-\u001f\u007f]/g, escaped)}"`;
}

/** A set of characters. */
export function characters(ranges: readonly Range[]): string {
  const spelled = joinRanges(ranges).map(([first, last]) => {
    if (first === last) return inClass(first);
    return `${inClass(first)}${last === first + 1 ? "" : "-"}${inClass(last)}`;
  });
  return `[${spelled.join("")}]`;
}

/** What JSON escapes with one letter. */
const SHORT_ESCAPES: readonly (readonly [number, string])[] = [
  [0x08, "b"],
  [0x09, "t"],
  [0x0a, "n"],
  [0x0c, "f"],
  [0x0d, "r"],
  [0x22, '"'],
  [0x5c, "\\"],
];
const SHORT = SHORT_ESCAPES.map(([code]): Range => [code, code]);
const RAW = otherThan([[0, 0x1f], ...SHORT]);

/** Alternatives that spell the set within a JSON string, each character in one way: what must be escaped is, no more. */
export function jsonCharacters(ranges: readonly Range[]): string[] {
  const raw = RAW.flatMap((range) => inBoth(ranges, range));
  const escapes = SHORT_ESCAPES.filter(([code]) => inBoth(ranges, [code, code]).length > 0);
  const others = otherThan([...RAW, ...SHORT]).flatMap((range) => inBoth(ranges, range));
  const spelled = raw.length > 0 ? [characters(raw)] : [];
  if (escapes.length > 0) spelled.push(`"\\\\" ${characters(escapes.map(([, letter]) => pointOf(letter)))}`);
  for (const high of [0, 1]) {
    const row = inBoth(others, [16 * high, 16 * high + 15]);
    const digits = row.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, i) => pointOf(((first + i) % 16).toString(16))),
    );
    if (digits.length > 0) spelled.push(`"\\\\u00${high}" ${characters(digits)}`);
  }
  return spelled;
}

function pointOf(character: string): Range {
  const code = character.codePointAt(0)!;
  return [code, code];
}

function inClass(code: number): string {
  const character = String.fromCodePoint(code);
  return code > 0x7e ? wide(code) : character.replace(/[\\([\]^\-\u0000-\u001f]/, escaped);
}

function wide(code: number): string {
  if (code < 0x100) return escaped(String.fromCodePoint(code));
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function escaped(character: string): string {
  if (/["\\[\]-]/.test(character)) return `\\${character}`;
  return `\\x${hex(character.codePointAt(0)!, 2)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
