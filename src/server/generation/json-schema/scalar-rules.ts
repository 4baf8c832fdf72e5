/** Rules for strings and numbers: plain ones where nothing is said of them, else exactly those that fit. */
import { InputError } from "../../../errors.ts";
import { allOf, languageRule, type Machine } from "./automaton.ts";
import type { Conjunction } from "./expand-schema.ts";
import { FORMATS } from "./formats.ts";
import { countOf, numbersOf, stringsOf } from "./keywords.ts";
import { type Bound, numberMachine } from "./number-machine.ts";
import { patternMachine } from "./pattern-machine.ts";
import { ANY_CHARACTER } from "./ranges.ts";
import type { Rule, Rules } from "./rules.ts";
import { schemaError } from "./schema-node.ts";
import { characters, jsonCharacters } from "./spell-characters.ts";
import { lengthMachine, otherNamesMachine } from "./text-machines.ts";

const QUOTE = '"\\""';
/** A whole number that double precision holds. */
const WHOLE = ['"0"', '"-" [1-9] [0-9]{0,15}', "[1-9] [0-9]{0,15}"];
/** With as many digits as Python and JavaScript write, and exponents up to what is finite. */
const [MANTISSA, FRACTION] = ["[1-9] [0-9]{0,20}", '"." [0-9]{1,24}'];
const MAGNITUDES = ['"0"', `"0" ${FRACTION}`, MANTISSA, `${MANTISSA} ${FRACTION}`];
const EXPONENTS = [
  "[eE] [+]? [0-9]{1,2}",
  "[eE] [+]? [12] [0-9] [0-9]",
  '[eE] [+]? "30" [0-7]',
  '[eE] "-" [0-9]{1,3}',
];

export class ScalarRules {
  readonly #rules: Rules;
  readonly #known = new Map<string, Rule>();
  readonly #character: Rule;

  constructor(rules: Rules) {
    this.#rules = rules;
    this.#character = rules.add(jsonCharacters(ANY_CHARACTER).map((text) => [text]));
  }

  /** With its quotes. `others`: none of these. */
  string(nodes: Conjunction, others: readonly string[] = []): Rule {
    const formats = stringsOf(nodes, "format").flatMap((format) => FORMATS.get(format) ?? []);
    const patterns = [...new Set([...stringsOf(nodes, "pattern"), ...formats])];
    const [min = 0, max = Number.POSITIVE_INFINITY] = [
      countOf(nodes, "minLength"),
      countOf(nodes, "maxLength"),
    ];
    const rules = this.#rules;
    return this.#once(JSON.stringify([patterns, min, String(max), others]), nodes, () => {
      const isFree = patterns.length === 0 && others.length === 0;
      if (isFree) return rules.add([[QUOTE, ...rules.repeat(this.#character, min, max), QUOTE]]);
      const machines: Machine<unknown>[] = patterns.map((pattern) => patternMachine(pattern, rules));
      if (others.length > 0) machines.push(otherNamesMachine(others));
      if (min > 0 || max < Number.POSITIVE_INFINITY) machines.push(lengthMachine(min, max));
      const language = languageRule(rules, allOf(machines), { spell: jsonCharacters, end: [QUOTE] });
      return rules.add([[QUOTE, language]]);
    });
  }

  number(nodes: Conjunction, isInteger: boolean): Rule {
    const multipleOf = numbersOf(nodes, "multipleOf");
    if (multipleOf.some((value) => value <= 0))
      throw schemaError(nodes[0]!.path, "has a multipleOf that is not above 0");
    const low = tightest(boundsOf(nodes, "minimum", "exclusiveMinimum"), 1);
    const high = tightest(boundsOf(nodes, "maximum", "exclusiveMaximum"), -1);
    const rules = this.#rules;
    return this.#once(JSON.stringify([multipleOf, low, high, isInteger]), nodes, () => {
      if (!low && !high && multipleOf.length === 0) return rules.add(plainNumber(isInteger));
      const machine = numberMachine({ multipleOf, low, high, isInteger });
      return languageRule(rules, machine, { spell: (ranges) => [characters(ranges)], end: [] });
    });
  }

  #once(key: string, nodes: Conjunction, make: () => Rule): Rule {
    const known = this.#known.get(key);
    if (known) return known;
    try {
      const rule = make();
      this.#known.set(key, rule);
      return rule;
    } catch (error) {
      if (error instanceof InputError && nodes.length > 0)
        throw schemaError(nodes.at(-1)!.path, `cannot be followed: ${error.message}`);
      throw error;
    }
  }
}

function plainNumber(isInteger: boolean): string[][] {
  if (isInteger) return WHOLE.map((text) => [text]);
  // Before an exponent stands one digit, so that it bounds the number.
  const scientific = EXPONENTS.flatMap((exponent) => [`[1-9] ${exponent}`, `[1-9] ${FRACTION} ${exponent}`]);
  return [...MAGNITUDES, ...scientific].flatMap((text) => [[text], [`"-" ${text}`]]);
}

function boundsOf(nodes: Conjunction, key: string, exclusiveKey: string): Bound[] {
  const bound = (isExclusive: boolean) => (value: number) => ({ value, isExclusive });
  return [...numbersOf(nodes, key).map(bound(false)), ...numbersOf(nodes, exclusiveKey).map(bound(true))];
}

/** `sign` 1: the greatest; -1: the least. Of equal ones the exclusive one. */
function tightest(bounds: readonly Bound[], sign: 1 | -1): Bound | undefined {
  return [...bounds].sort(
    (a, b) => sign * (b.value - a.value) || Number(b.isExclusive) - Number(a.isExclusive),
  )[0];
}
