/**
 * A language of characters, told step by step, -> rules that read it without ever having to choose: one rule a state.
 * So a pattern like (a|a)* costs what a* costs. States from which no end is reached are left out.
 */
import { InputError } from "../../../errors.ts";
import { ANY_CHARACTER, inBoth, type Range } from "./ranges.ts";
import type { Rule, Rules } from "./rules.ts";

/** What is told of a language: where it begins, and what a character leads to. */
export interface Machine<State> {
  readonly start: State;
  /** Where sets of characters that it tells apart begin and end. */
  readonly cuts: Iterable<number>;
  /** Undefined: no text goes on like that. */
  next(state: State, character: number): State | undefined;
  isEnd(state: State): boolean;
  /** Equal for equal states. */
  key(state: State): string;
}

/** The texts that all of them know. */
export function allOf(machines: readonly Machine<unknown>[]): Machine<unknown[]> {
  return {
    start: machines.map((machine) => machine.start),
    cuts: machines.flatMap((machine) => [...machine.cuts]),
    next(states, character) {
      const after: unknown[] = [];
      for (const [i, machine] of machines.entries()) {
        const state = machine.next(states[i], character);
        if (state === undefined) return undefined;
        after.push(state);
      }
      return after;
    },
    isEnd: (states) => machines.every((machine, i) => machine.isEnd(states[i])),
    key: (states) => machines.map((machine, i) => machine.key(states[i])).join(";"),
  };
}

const MAX_STATES = 2000;

interface Automaton {
  /** By state; state 0 is the start. */
  edges: Map<number, Range[]>[];
  ends: boolean[];
}

export interface Spelling {
  /** GBNF of a set of characters, in alternatives. */
  spell(ranges: readonly Range[]): string[];
  /** GBNF of what follows the text. */
  end: readonly string[];
}

/** Nothing fits the rule where the language is empty. */
export function languageRule<State>(rules: Rules, machine: Machine<State>, { spell, end }: Spelling): Rule {
  const { edges, ends } = explore(rules, machine);
  const same = mergeEqual(edges, ends);
  const made = new Map<number, Rule>();
  const ruleOf = (state: number): Rule => {
    const known = made.get(same[state]!);
    if (known) return known;
    const rule = rules.add();
    made.set(same[state]!, rule);
    return rule;
  };
  const root = ruleOf(0);
  // A map goes through what is added on the way, too.
  for (const [state, rule] of made) {
    for (const [target, ranges] of joined(edges[state]!, same))
      for (const text of spell(ranges)) rules.extend(rule, [text, ruleOf(target)]);
    if (ends[state]) rules.extend(rule, end);
  }
  return root;
}

function explore<State>(rules: Rules, machine: Machine<State>): Automaton {
  const sets = setsBetween(machine.cuts);
  const numbers = new Map([[machine.key(machine.start), 0]]);
  const states = [machine.start];
  const edges: Map<number, Range[]>[] = [];
  for (let at = 0; at < states.length; at++) {
    const own = new Map<number, Range[]>();
    rules.spend(sets.length);
    for (const set of sets) {
      const next = machine.next(states[at]!, set[0]);
      if (next === undefined) continue;
      const key = machine.key(next);
      let number = numbers.get(key);
      if (number === undefined) {
        number = states.length;
        if (number === MAX_STATES) throw new InputError("a pattern or bound is too complex");
        numbers.set(key, number);
        states.push(next);
      }
      const ranges = own.get(number);
      if (ranges) ranges.push(set);
      else own.set(number, [set]);
    }
    edges.push(own);
  }
  return { edges, ends: states.map((state) => machine.isEnd(state)) };
}

/** All characters, in the sets that no cut divides. */
function setsBetween(cuts: Iterable<number>): Range[] {
  const sorted = [...new Set(cuts)].sort((a, b) => a - b);
  const starts = [0, ...sorted.filter((cut) => cut > 0)];
  return starts.flatMap((start, i) => inBoth(ANY_CHARACTER, [start, (starts[i + 1] ?? 0x110000) - 1]));
}

/**
 * For each state one that goes on in the same way: what is said of both is said once. Children come before parents, so
 * that one pass finds all but some on circles.
 */
function mergeEqual(edges: readonly Map<number, Range[]>[], ends: readonly boolean[]): number[] {
  const same = edges.map((_, state) => state);
  const order = childrenFirst(edges);
  for (let changed = true, pass = 0; changed && pass < 4; pass++) {
    changed = false;
    const known = new Map<string, number>();
    for (const state of order) {
      const sorted = [...joined(edges[state]!, same)].sort((a, b) => a[0] - b[0]);
      const key = `${ends[state]} ${sorted.map(([target, ranges]) => `${target}:${ranges.join(",")}`).join(";")}`;
      const first = known.get(key);
      if (first === undefined) known.set(key, state);
      const into = first === undefined ? state : same[first]!;
      changed ||= same[state] !== into;
      same[state] = into;
    }
  }
  return same;
}

function joined(edges: ReadonlyMap<number, Range[]>, same: readonly number[]): Map<number, Range[]> {
  const together = new Map<number, Range[]>();
  for (const [target, ranges] of edges) {
    const into = same[target]!;
    const others = together.get(into);
    together.set(into, others ? [...others, ...ranges].sort((a, b) => a[0] - b[0]) : ranges);
  }
  return together;
}

function childrenFirst(edges: readonly Map<number, Range[]>[]): number[] {
  const order: number[] = [];
  const seen = new Set([0]);
  const path = [{ state: 0, left: [...edges[0]!.keys()] }];
  for (let top = path.at(-1); top; top = path.at(-1)) {
    const next = top.left.pop();
    if (next === undefined) {
      order.push(top.state);
      path.pop();
    } else if (!seen.has(next)) {
      seen.add(next);
      path.push({ state: next, left: [...edges[next]!.keys()] });
    }
  }
  return order;
}
