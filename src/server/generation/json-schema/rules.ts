/**
 * A grammar as it grows, and its text in GBNF. Rules that no text fits are taken out again, with the alternatives that
 * need them: a model that began one would never get to an end. Groups "(...)" are not used: rules take their place.
 */
import { MAX_GRAMMAR_CHARACTERS } from "../../../engine/generate-options.ts";
import { InputError } from "../../../errors.ts";

/** One of the alternatives; none: no text fits. */
export interface Rule {
  readonly alternatives: Term[][];
}

/** GBNF of characters, a rule, or a rule so many times. */
export type Term = string | Rule | Repeat;

export interface Repeat {
  readonly of: Rule;
  readonly min: number;
  /** Infinity: as often as you like. */
  readonly max: number;
}

/** llama.cpp writes a repetition out, and takes 2,000 at most, silently more where a maximum is greater. */
const MAX_REPETITIONS = 100;
/** Of all repetitions together, written out. */
const MAX_WRITTEN_OUT = 50_000;
/** Steps while patterns and numbers become rules: about half a second. */
const MAX_WORK = 3_000_000;
/** What a reference and a line take, about. */
const RULE_CHARACTERS = 8;

export class Rules {
  #characters = 0;
  #writtenOut = 0;
  #work = 0;

  /** Alternatives may be added later. */
  add(alternatives: readonly (readonly Term[])[] = []): Rule {
    const rule: Rule = { alternatives: [] };
    this.#count(RULE_CHARACTERS);
    for (const terms of alternatives) this.extend(rule, terms);
    return rule;
  }

  extend(rule: Rule, terms: readonly Term[]): void {
    for (const term of terms) this.#count(typeof term === "string" ? term.length : RULE_CHARACTERS / 2);
    rule.alternatives.push([...terms]);
  }

  /** Many thousand times, too: in blocks of blocks. Each number has one way to be read. */
  repeat(of: Rule, min: number, max: number): Term[] {
    if (max < min) return [this.add()];
    const rest: Term = max === Number.POSITIVE_INFINITY ? { of, min: 0, max } : this.#upTo(of, max - min);
    return [...this.#exactly(of, min), rest];
  }

  /** Throws where what is done for one schema takes too long. */
  spend(steps: number): void {
    this.#work += steps;
    if (this.#work > MAX_WORK) throw new InputError("patterns and bounds are too complex together");
  }

  #exactly(of: Rule, count: number): Term[] {
    const blocks = Math.floor(count / MAX_REPETITIONS);
    const rest = this.#written({ of, min: count % MAX_REPETITIONS, max: count % MAX_REPETITIONS });
    if (blocks === 0) return rest.max === 0 ? [] : [rest];
    const whole = this.#exactly(this.#block(of), blocks);
    return rest.max === 0 ? whole : [...whole, rest];
  }

  #upTo(of: Rule, count: number): Term {
    const blocks = Math.floor(count / MAX_REPETITIONS);
    if (blocks === 0) return this.#written({ of, min: 0, max: count });
    const block = this.#block(of);
    const rest = this.#written({ of, min: 0, max: count % MAX_REPETITIONS });
    return this.add([
      [this.#upTo(block, blocks - 1), this.#written({ of, min: 0, max: MAX_REPETITIONS - 1 })],
      [...this.#exactly(block, blocks), rest],
    ]);
  }

  #block(of: Rule): Rule {
    return this.add([[this.#written({ of, min: MAX_REPETITIONS, max: MAX_REPETITIONS })]]);
  }

  #written(repeat: Repeat): Repeat {
    this.#writtenOut += repeat.max;
    if (this.#writtenOut > MAX_WRITTEN_OUT)
      throw new InputError("the JSON schema has too many counts and lengths: give fewer or smaller ones");
    return repeat;
  }

  #count(characters: number): void {
    this.#characters += characters;
    if (this.#characters > 2 * MAX_GRAMMAR_CHARACTERS) throw tooLarge();
  }
}

function tooLarge(): InputError {
  return new InputError(
    `the JSON schema is too large: its grammar has more than ${MAX_GRAMMAR_CHARACTERS} characters`,
  );
}

/** `rule` is named root; undefined where no text fits. */
export function renderRules(root: Rule): string | undefined {
  const fitting = fittingRules(root);
  if (!fitting.has(root)) return undefined;
  const bodies = new Map<Rule, Term[][]>();
  const uses = new Map<Rule, number>([[root, 2]]);
  for (const rule of reachable(root, (each) => withoutUnfit(each, fitting))) {
    const body = withoutUnfit(rule, fitting);
    bodies.set(rule, body);
    for (const used of body.flat().flatMap(usedBy)) uses.set(used, (uses.get(used) ?? 0) + 1);
  }
  const isInlined = (term: Term | undefined): term is Rule => {
    if (typeof term !== "object" || "of" in term) return false;
    const [only, second] = bodies.get(term)!;
    return second === undefined && (uses.get(term) === 1 || only!.length <= 1);
  };
  const named = reachable(root, (rule) =>
    bodies.get(rule)!.map((terms) => longest(terms, bodies, isInlined)),
  );
  const names = new Map(named.map((rule, index) => [rule, index === 0 ? "root" : `r${index}`]));
  const lines = named.map((rule) => {
    const alternatives = bodies.get(rule)!.map((terms) => longest(terms, bodies, isInlined));
    return `${names.get(rule)} ::= ${alternatives.map((terms) => spellTerms(terms, names)).join(" | ")}\n`;
  });
  const text = lines.join("");
  if (text.length > MAX_GRAMMAR_CHARACTERS) throw tooLarge();
  return text;
}

/** A last rule that has one alternative is written out in its place, if it is used nowhere else or is short. */
function longest(
  terms: readonly Term[],
  bodies: ReadonlyMap<Rule, Term[][]>,
  isInlined: (term: Term | undefined) => term is Rule,
): Term[] {
  const written = [...terms];
  for (let last = written.at(-1); isInlined(last); last = written.at(-1))
    written.splice(-1, 1, ...bodies.get(last)![0]!);
  return written;
}

/** Those that some text fits: the least set that its own rules lead to. */
function fittingRules(root: Rule): Set<Rule> {
  const fitting = new Set<Rule>();
  const waiting = new Map<Rule, Rule[]>();
  const isFit = (term: Term) => typeof term === "string" || ("of" in term ? term.min === 0 : false);
  const check = (rule: Rule): boolean =>
    rule.alternatives.some((terms) => {
      const missing = terms.find((term) => !isFit(term) && !fitting.has(usedBy(term)[0]!));
      if (missing === undefined) return true;
      const needed = usedBy(missing)[0]!;
      const others = waiting.get(needed);
      if (others) others.push(rule);
      else waiting.set(needed, [rule]);
      return false;
    });
  const open = reachable(root, (rule) => rule.alternatives);
  for (let rule = open.pop(); rule; rule = open.pop()) {
    if (fitting.has(rule) || !check(rule)) continue;
    fitting.add(rule);
    open.push(...(waiting.get(rule) ?? []));
    waiting.delete(rule);
  }
  return fitting;
}

/** Why no text fits `root`: a rule that it needs, which needs a next one, down to one that has nothing or comes back. */
export function unfitChain(root: Rule): Rule[] {
  const fitting = fittingRules(root);
  const chain = new Set<Rule>();
  for (let rule: Rule | undefined = root; rule && !chain.has(rule); ) {
    chain.add(rule);
    rule = rule.alternatives
      .flat()
      .flatMap(usedBy)
      .find((used) => !fitting.has(used));
  }
  return [...chain];
}

function withoutUnfit(rule: Rule, fitting: ReadonlySet<Rule>): Term[][] {
  const isFit = (term: Term) => usedBy(term).every((used) => fitting.has(used));
  return rule.alternatives
    .map((terms) =>
      terms.filter((term) => isFit(term) || !(typeof term === "object" && "of" in term && term.min === 0)),
    )
    .filter((terms) => terms.every(isFit));
}

/** From `root` on, each once, near ones first. */
function reachable(root: Rule, bodyOf: (rule: Rule) => readonly (readonly Term[])[]): Rule[] {
  const found = new Set([root]);
  for (const rule of found)
    for (const terms of bodyOf(rule)) for (const used of terms.flatMap(usedBy)) found.add(used);
  return [...found];
}

function usedBy(term: Term): Rule[] {
  if (typeof term === "string") return [];
  return ["of" in term ? term.of : term];
}

function spellTerms(terms: readonly Term[], names: ReadonlyMap<Rule, string>): string {
  const spelled = terms.map((term) => {
    if (typeof term === "string") return term;
    if (!("of" in term)) return names.get(term)!;
    const { of, min, max } = term;
    if (max === 0) return "";
    if (min === 1 && max === 1) return names.get(of)!;
    if (max === Number.POSITIVE_INFINITY) return `${names.get(of)}${min === 0 ? "*" : `{${min},}`}`;
    return `${names.get(of)}{${min === max ? min : `${min},${max}`}}`;
  });
  return spelled.filter((text) => text !== "").join(" ") || '""';
}
