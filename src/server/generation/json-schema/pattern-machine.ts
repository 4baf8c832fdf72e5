/**
 * The texts that a pattern is found in. Thompson's construction (1968), read by the sets of places where one may be: ^ and $
 * are steps that can be taken at the beginning and at the end alone.
 */
import { InputError } from "../../../errors.ts";
import type { Machine } from "./automaton.ts";
import { type Pattern, parsePattern } from "./parse-pattern.ts";
import { ANY_CHARACTER, includes, type Range } from "./ranges.ts";
import type { Rules } from "./rules.ts";

/** Places, ascending. */
interface State {
  places: readonly number[];
  isStart: boolean;
}

interface Place {
  /** To be taken without a character, in the middle of the text as well. */
  free: number[];
  atStart?: number;
  atEnd?: number;
  step?: { ranges: readonly Range[]; to: number };
}

const MAX_PLACES = 5000;

export function patternMachine(text: string, rules: Rules): Machine<State> {
  const places: Place[] = [];
  const add = (place: Place): number => {
    if (places.length === MAX_PLACES)
      throw new InputError("the pattern is too long, with its counts written out");
    return places.push(place) - 1;
  };
  // What follows a match is free, and so is what precedes it.
  const found = add({ free: [] });
  places[found]!.step = { ranges: ANY_CHARACTER, to: found };
  const pattern = build(parsePattern(text));
  const first = add({ free: [pattern(found)] });
  places[first]!.step = { ranges: ANY_CHARACTER, to: first };

  /** What leads through a part to a place, and returns where it begins. */
  function build(part: Pattern): (to: number) => number {
    rules.spend(1);
    switch (part.kind) {
      case "characters":
        return (to) => add({ free: [], step: { ranges: part.ranges, to } });
      case "start":
        return (to) => add({ free: [], atStart: to });
      case "end":
        return (to) => add({ free: [], atEnd: to });
      case "sequence": {
        const parts = part.parts.map(build);
        return (to) => parts.reduceRight((next, each) => each(next), to);
      }
      case "choice": {
        const parts = part.parts.map(build);
        return (to) => add({ free: parts.map((each) => each(to)) });
      }
      case "repeat":
        return repeat(build(part.part), part.min, part.max);
    }
  }

  function repeat(part: (to: number) => number, min: number, max: number): (to: number) => number {
    return (to) => {
      let next = to;
      if (max === Number.POSITIVE_INFINITY) {
        next = add({ free: [to] });
        places[next]!.free.push(part(next));
      } else for (let i = min; i < max; i++) next = add({ free: [part(next), to] });
      for (let i = 0; i < min; i++) {
        rules.spend(1);
        next = part(next);
      }
      return next;
    };
  }

  /** All places that can be reached without a character. */
  function closure(from: Iterable<number>, isStart: boolean, isEnd: boolean): number[] {
    const reached = new Set(from);
    for (const at of reached) {
      const { free, atStart, atEnd } = places[at]!;
      for (const next of free) reached.add(next);
      if (isStart && atStart !== undefined) reached.add(atStart);
      if (isEnd && atEnd !== undefined) reached.add(atEnd);
    }
    rules.spend(reached.size);
    // Once found, found for good.
    return reached.has(found) ? [found] : [...reached].sort((a, b) => a - b);
  }

  const stepsOf = (place: Place) =>
    place.step ? place.step.ranges.flatMap(([low, high]) => [low, high + 1]) : [];
  return {
    start: { places: closure([first], true, false), isStart: true },
    cuts: places.flatMap(stepsOf),
    next(state, character) {
      rules.spend(state.places.length);
      const taken: number[] = [];
      for (const at of state.places) {
        const { step } = places[at]!;
        if (step && includes(step.ranges, character)) taken.push(step.to);
      }
      return taken.length > 0 ? { places: closure(taken, false, false), isStart: false } : undefined;
    },
    isEnd: ({ places: here, isStart }) => closure(here, isStart, true).includes(found),
    key: ({ places: here, isStart }) => `${here.join(",")}${isStart ? "^" : ""}`,
  };
}
