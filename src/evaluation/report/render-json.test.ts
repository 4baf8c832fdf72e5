/** JSON in one spelling. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { exampleArena } from "../../../test/e2e/eval-report/example-arena.ts";
import { VikhrError } from "../../errors.ts";
import { renderJson } from "./render-json.ts";

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

test("the order in which names were given does not matter, and the value comes back", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ noUnicodeString: false })), (value) => {
      const text = renderJson(value);
      expect(renderJson(reversed(value) as object)).toBe(text);
      expect(text).toBe(`${text.trimEnd()}\n`);
      expect(JSON.stringify(JSON.parse(text)).length).toBe(text.length - 1);
      expect(renderJson(JSON.parse(text) as object)).toBe(text);
    }),
  );
});

test("a report comes back whole", () => {
  const report = exampleArena({ isHostile: true, questions: 5 });
  expect(JSON.parse(renderJson(report))).toEqual(JSON.parse(JSON.stringify(report)));
});

test("names stand in the order of their units, also names that are numbers; what is undefined is left out", () => {
  expect(renderJson({ b: 1, "10": 2, a: [{ d: undefined, c: null }], "9": -0 })).toBe(
    '{"10":2,"9":0,"a":[{"c":null}],"b":1}\n',
  );
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])("%s is an error, not null", (figure) => {
  expect(() => renderJson({ rows: [{ figure }] })).toThrow(VikhrError);
});
