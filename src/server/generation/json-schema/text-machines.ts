/** Texts of a length, and texts other than some. */
import type { Machine } from "./automaton.ts";

/** In characters, that is, Unicode scalar values, as JSON Schema counts. */
export function lengthMachine(min: number, max: number): Machine<number> {
  // Beyond the last count that matters all are alike.
  const most = max === Number.POSITIVE_INFINITY ? min : max;
  return {
    start: 0,
    cuts: [],
    next(length) {
      if (length < max) return Math.min(length + 1, most);
      return undefined;
    },
    isEnd: (length) => length >= min,
    key: String,
  };
}

interface Branch {
  next: Map<number, Branch>;
  isName: boolean;
  id: number;
}

export function otherNamesMachine(names: Iterable<string>): Machine<Branch | "other"> {
  let id = 0;
  const branch = (): Branch => ({ next: new Map(), isName: false, id: id++ });
  const start = branch();
  const cuts = new Set<number>();
  for (const name of names) {
    let at = start;
    for (const character of name) {
      const code = character.codePointAt(0)!;
      cuts.add(code).add(code + 1);
      const next = at.next.get(code) ?? branch();
      at.next.set(code, next);
      at = next;
    }
    at.isName = true;
  }
  return {
    start,
    cuts,
    next: (state, character) => (state === "other" ? state : (state.next.get(character) ?? "other")),
    isEnd: (state) => state === "other" || !state.isName,
    key: (state) => (state === "other" ? state : String(state.id)),
  };
}
