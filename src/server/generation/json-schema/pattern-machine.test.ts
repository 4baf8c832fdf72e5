import fc from "fast-check";
import { expect, test } from "vitest";
import { allOf, type Machine } from "./automaton.ts";
import { FORMATS } from "./formats.ts";
import { patternMachine } from "./pattern-machine.ts";
import { Rules } from "./rules.ts";
import { lengthMachine, otherNamesMachine } from "./text-machines.ts";

function knows<State>(machine: Machine<State>, text: string): boolean {
  let state: State | undefined = machine.start;
  for (const character of text) {
    state = machine.next(state, character.codePointAt(0)!);
    if (state === undefined) return false;
  }
  return machine.isEnd(state);
}

const patterns = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(
      ..."a b . ^ $ [ab] [^a] [a-c\\d] \\d \\W \\s \\n \\x61 \\u{62} \\. [\\]\\-] [] [^] (?:) я 😀".split(
        " ",
      ),
    ),
    fc.array(tie("any"), { maxLength: 4 }).map((all) => all.join("")),
    fc.array(tie("any"), { minLength: 1, maxLength: 3 }).map((all) => `(${all.join("|")})`),
    fc
      .tuple(tie("any"), fc.constantFrom("*", "+", "?", "{2}", "{0}", "{1,3}", "{2,}", "*?", "+?"))
      .map(([part, count]) => `(?:${part})${count}`),
  ),
})).any;
const texts = fc.array(fc.constantFrom(..."aabb.1-] \nя😀"), { maxLength: 8 }).map((all) => all.join(""));

test("a pattern is found where RegExp finds it", () => {
  let found = 0;
  fc.assert(
    fc.property(patterns, fc.array(texts, { minLength: 5, maxLength: 5 }), (pattern, all) => {
      const machine = patternMachine(pattern, new Rules());
      const expression = new RegExp(pattern, "u");
      for (const text of all) {
        expect([pattern, text, knows(machine, text)]).toEqual([pattern, text, expression.test(text)]);
        if (expression.test(text)) found++;
      }
    }),
    { numRuns: 500 },
  );
  expect(found).toBeGreaterThan(100);
});

test.each(["$^", "(?:$|a)^b?", "^$|^a$"])("anchors in any order: %s", (pattern) => {
  const machine = patternMachine(pattern, new Rules());
  for (const text of ["", "a", "b", "ab"])
    expect(knows(machine, text)).toBe(new RegExp(pattern, "u").test(text));
});

test("of several languages what all know", () => {
  const machine = allOf([
    patternMachine("^a", new Rules()),
    patternMachine("b$", new Rules()),
    lengthMachine(3, 4),
    otherNamesMachine(["aab", "ab", "b"]),
  ] as Machine<unknown>[]);
  const known = ["aab", "abb", "aaab", "ab", "aaaab", "abc"].filter((text) => knows(machine, text));
  expect(known).toEqual(["abb", "aaab"]);
});

test.each([
  [
    "date",
    ["2024-02-29", "2000-02-29", "1999-12-31"],
    ["2023-02-29", "1900-02-29", "2024-04-31", "2024-1-01", "2024-13-01"],
  ],
  ["time", ["00:00:00Z", "23:59:59.123+03:30"], ["24:00:00Z", "12:00Z", "12:00:00"]],
  ["date-time", ["2024-02-29T23:59:59Z"], ["2024-02-29 23:59:59Z", "2024-02-30T00:00:00Z"]],
  ["duration", ["P3W", "P1Y2M3DT4H5M6S", "PT1M", "P1YT1H"], ["P", "PT", "P1DT", "P1Y2D", "1D"]],
  ["uuid", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000"]],
  ["email", ["a.b+c@mail.example.org"], ["a@b", "@b.ru", "a..b@c.ru", "a b@c.ru"]],
  ["hostname", ["a-b.ru", "localhost"], ["-a.ru", "a_b", "a..b"]],
  ["ipv4", ["0.0.0.0", "255.10.1.99"], ["256.1.1.1", "1.2.3", "01.2.3.4"]],
] as const)("the format %s", (format, good, bad) => {
  const machine = patternMachine(FORMATS.get(format)!, new Rules());
  expect(good.filter((text) => !knows(machine, text))).toEqual([]);
  expect(bad.filter((text) => knows(machine, text))).toEqual([]);
});
