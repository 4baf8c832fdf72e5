import fc from "fast-check";
import { expect, test } from "vitest";
import { type NumberBounds, numberMachine } from "./number-machine.ts";

function knows(bounds: NumberBounds, text: string): boolean {
  const machine = numberMachine(bounds);
  let state: ReturnType<typeof machine.next> = machine.start;
  for (const character of text) {
    if (state === undefined) return false;
    state = machine.next(state, character.charCodeAt(0));
  }
  return state !== undefined && machine.isEnd(state);
}

/** In thousandths: whole numbers, so that nothing is lost. */
const thousandths = fc.oneof(
  fc.integer({ min: -3000, max: 3000 }),
  fc.integer({ min: -10_000_000, max: 10_000_000 }),
);
const bound = fc.option(fc.record({ value: thousandths, isExclusive: fc.boolean() }), { nil: undefined });

test("digits are known exactly where the number lies within the bounds, and is a multiple", () => {
  let [inside, outside] = [0, 0];
  const divisors = fc.constantFrom<number[][]>([], [], [5], [250], [3000, 2000], [7000]);
  const cases = fc.record({ low: bound, high: bound, isInteger: fc.boolean(), divisors });
  fc.assert(
    fc.property(cases, fc.array(thousandths, { minLength: 10 }), fc.nat(3), (given, more, spare) => {
      const { low, high, isInteger } = given;
      const scaled = (own: typeof low) => own && { ...own, value: own.value / 1000 };
      const multipleOf = given.divisors.map((divisor) => divisor / 1000);
      const bounds = { low: scaled(low), high: scaled(high), isInteger, multipleOf };
      const near = [low, high].flatMap((own) =>
        own ? [own.value - 1, own.value, own.value + 1, own.value * 10] : [],
      );
      for (const number of [...near, ...more, 0]) {
        // As short as can be, and for numbers that are not whole with zeros behind.
        const isWhole = number % 1000 === 0;
        const text = String(number / 1000) + (isWhole || multipleOf.length > 0 ? "" : "0".repeat(spare));
        const fits =
          (!low || number > low.value || (number === low.value && !low.isExclusive)) &&
          (!high || number < high.value || (number === high.value && !high.isExclusive)) &&
          (!isInteger || isWhole) &&
          given.divisors.every((divisor) => number % divisor === 0);
        expect([text, bounds, knows(bounds, text)]).toEqual([text, bounds, fits]);
        if (fits) inside++;
        else outside++;
      }
    }),
    { numRuns: 300 },
  );
  expect(Math.min(inside, outside)).toBeGreaterThan(100);
});

test.each(["", "-", "-0", "00", "01", "1.", ".5", "1.5.", "+1", "1e5", "--1", "-0.0"])(
  "%j is no number",
  (text) => {
    expect(knows({ multipleOf: [], isInteger: false }, text)).toBe(false);
  },
);

test("bounds far from one", () => {
  const between = (low: number, high: number) => ({
    multipleOf: [],
    isInteger: false,
    low: { value: low, isExclusive: false },
    high: { value: high, isExclusive: false },
  });
  expect(knows(between(1e-7, 1e21), "0.0000001")).toBe(true);
  expect(knows(between(1e-7, 1e21), "0.00000009")).toBe(false);
  expect(knows(between(1e-7, 1e21), "1000000000000000000000")).toBe(true);
  expect(knows(between(1e-7, 1e21), "1000000000000000000001")).toBe(false);
  expect(knows(between(-1e300, -5e-324), "0")).toBe(false);
  expect(knows(between(-1e300, -5e-324), "-0.000000001")).toBe(true);
});
