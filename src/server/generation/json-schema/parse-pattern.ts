/**
 * A regular expression as JSON Schema takes it (ECMA-262 with the flag u) -> its tree. What a grammar cannot say, or not
 * simply, is refused: looking ahead and behind, references back, word boundaries, Unicode properties.
 */
import { InputError } from "../../../errors.ts";
import { joinRanges, otherThan, type Range } from "./ranges.ts";

export type Pattern =
  | { kind: "characters"; ranges: readonly Range[] }
  | { kind: "sequence"; parts: readonly Pattern[] }
  | { kind: "choice"; parts: readonly Pattern[] }
  | { kind: "repeat"; part: Pattern; min: number; max: number }
  | { kind: "start" }
  | { kind: "end" };

const MAX_CHARACTERS = 4000;
// Threat: parentheses, one in another, would exhaust the stack.
const MAX_DEPTH = 50;
const MAX_COUNT = 1000;

const DIGITS: Range[] = [[0x30, 0x39]];
const WORD: Range[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const SPACE: Range[] = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const LINE_ENDS: Range[] = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];

const CLASSES: ReadonlyMap<string, readonly Range[]> = new Map([
  ["d", DIGITS],
  ["D", otherThan(DIGITS)],
  ["w", WORD],
  ["W", otherThan(WORD)],
  ["s", SPACE],
  ["S", otherThan(SPACE)],
]);
const CONTROLS: ReadonlyMap<string, number> = new Map([
  ["t", 0x09],
  ["n", 0x0a],
  ["v", 0x0b],
  ["f", 0x0c],
  ["r", 0x0d],
  ["0", 0x00],
]);

export function parsePattern(pattern: string): Pattern {
  if (pattern.length > MAX_CHARACTERS)
    throw new InputError(`the pattern has ${pattern.length} characters, and ${MAX_CHARACTERS} are allowed`);
  return new PatternParser(pattern).whole();
}

class PatternParser {
  readonly #characters: string[];
  #at = 0;
  #depth = 0;

  constructor(pattern: string) {
    this.#characters = Array.from(pattern);
  }

  whole(): Pattern {
    const pattern = this.#choice();
    if (this.#next !== undefined) throw this.#problem("has a ) that closes nothing");
    return pattern;
  }

  get #next(): string | undefined {
    return this.#characters[this.#at];
  }

  #problem(what: string): InputError {
    return new InputError(`the pattern ${what} (character ${this.#at + 1})`);
  }

  #skip(text: string): boolean {
    const found = this.#characters.slice(this.#at, this.#at + text.length).join("") === text;
    if (found) this.#at += text.length;
    return found;
  }

  #choice(): Pattern {
    if (++this.#depth > MAX_DEPTH) throw this.#problem(`nests more than ${MAX_DEPTH} groups`);
    const parts = [this.#sequence()];
    while (this.#skip("|")) parts.push(this.#sequence());
    this.#depth--;
    return parts.length === 1 ? parts[0]! : { kind: "choice", parts };
  }

  #sequence(): Pattern {
    const parts: Pattern[] = [];
    while (this.#next !== undefined && this.#next !== "|" && this.#next !== ")")
      parts.push(this.#repeated(this.#atom()));
    return parts.length === 1 ? parts[0]! : { kind: "sequence", parts };
  }

  #atom(): Pattern {
    if (this.#skip("^")) return { kind: "start" };
    if (this.#skip("$")) return { kind: "end" };
    if (this.#skip(".")) return { kind: "characters", ranges: otherThan(LINE_ENDS) };
    if (this.#skip("(")) return this.#group();
    if (this.#skip("[")) return { kind: "characters", ranges: this.#class() };
    if (this.#skip("\\")) return { kind: "characters", ranges: this.#escape() };
    if (/[*+?{]/.test(this.#next!)) throw this.#problem(`repeats nothing with ${this.#next}`);
    return { kind: "characters", ranges: [pointOf(this.#characters[this.#at++]!)] };
  }

  #group(): Pattern {
    if (this.#skip("?:") || !this.#skip("?")) return this.#closed();
    const name = /^<[\p{L}_$][\p{L}\p{N}_$]*>/u.exec(
      this.#characters.slice(this.#at, this.#at + 100).join(""),
    );
    if (!name) throw this.#problem("looks ahead or behind, or has another (?...) that is not supported");
    this.#at += Array.from(name[0]).length;
    return this.#closed();
  }

  #closed(): Pattern {
    const pattern = this.#choice();
    if (!this.#skip(")")) throw this.#problem("has a ( that is not closed");
    return pattern;
  }

  #repeated(part: Pattern): Pattern {
    const count = this.#count();
    if (!count) return part;
    // Lazy ones match the same texts.
    this.#skip("?");
    if (/^[*+?]$/.test(this.#next ?? "") || this.#count()) throw this.#problem("repeats a repetition");
    return { kind: "repeat", part, ...count };
  }

  #count(): { min: number; max: number } | undefined {
    if (this.#skip("*")) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#skip("+")) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#skip("?")) return { min: 0, max: 1 };
    if (this.#next !== "{") return undefined;
    const found = /^\{(\d+)(,(\d*))?\}/.exec(this.#characters.slice(this.#at, this.#at + 40).join(""));
    if (!found) throw this.#problem("has a { that is no count");
    const min = Number(found[1]);
    const last = found[3] === "" ? Number.POSITIVE_INFINITY : Number(found[3] ?? min);
    if (min > last || min > MAX_COUNT || (last > MAX_COUNT && last !== Number.POSITIVE_INFINITY))
      throw this.#problem(`has a count beyond ${MAX_COUNT}, or from more to less`);
    this.#at += found[0].length;
    return { min, max: last };
  }

  #class(): readonly Range[] {
    const isNegated = this.#skip("^");
    const ranges: Range[] = [];
    while (!this.#skip("]")) {
      const first = this.#member();
      const isRange = this.#next === "-" && this.#characters[this.#at + 1] !== "]";
      if (!isRange) {
        ranges.push(...first);
        continue;
      }
      this.#at++;
      const last = this.#member();
      if (!isPoint(first) || !isPoint(last) || first[0]![0] > last[0]![0])
        throw this.#problem("has a range of characters that is none");
      ranges.push([first[0]![0], last[0]![0]]);
    }
    return isNegated ? otherThan(ranges) : joinRanges(ranges);
  }

  #member(): readonly Range[] {
    if (this.#next === undefined) throw this.#problem("has a [ that is not closed");
    if (this.#skip("\\")) return this.#skip("b") ? [[0x08, 0x08]] : this.#escape();
    return [pointOf(this.#characters[this.#at++]!)];
  }

  /** After the backslash. */
  #escape(): readonly Range[] {
    const letter = this.#characters[this.#at++];
    if (letter === undefined) throw this.#problem("ends with \\");
    const known = CLASSES.get(letter);
    if (known) return known;
    const control = CONTROLS.get(letter);
    if (control !== undefined && !(letter === "0" && /\d/.test(this.#next ?? "")))
      return [[control, control]];
    if (letter === "x" || letter === "u") return [this.#hex(letter)];
    // Stricter engines know punctuation alone here.
    if (/[\p{L}\p{N}]/u.test(letter)) throw this.#problem(`has \\${letter}, which is not supported`);
    return [pointOf(letter)];
  }

  #hex(letter: "x" | "u"): Range {
    const form = letter === "x" ? /^[\da-fA-F]{2}/ : /^([\da-fA-F]{4}|\{[\da-fA-F]{1,6}\})/;
    const found = form.exec(this.#characters.slice(this.#at, this.#at + 8).join(""))?.[0];
    const code = Number.parseInt(found?.replace(/[{}]/g, "") ?? "", 16);
    if (found === undefined || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
      throw this.#problem(`has a \\${letter} without the number of a character`);
    this.#at += found.length;
    return [code, code];
  }
}

function pointOf(character: string): Range {
  const code = character.codePointAt(0)!;
  return [code, code];
}

function isPoint(ranges: readonly Range[]): boolean {
  return ranges.length === 1 && ranges[0]![0] === ranges[0]![1];
}
