/** Figures for people. */
import { expect, test } from "vitest";
import { count, figure, range, signed, signedRange } from "./figures.ts";

test("decimals, signs, and no minus before nothing", () => {
  expect(figure(1273.6356)).toBe("1273.6");
  expect(figure(-3.25, 2)).toBe("−3.25");
  expect(figure(-0.04)).toBe("0.0");
  expect(figure(Number.NaN)).toBe("–");
  expect([signed(2.04), signed(-2.04), signed(0.01), signed(0)]).toEqual(["+2.0", "−2.0", "0.0", "0.0"]);
});

test("ranges read as ranges, with a minus too", () => {
  expect(range({ low: 52.13, high: 61 })).toBe("52.1–61.0");
  expect(range({ low: -1, high: 2 })).toBe("−1.0 … 2.0");
  expect(signedRange({ low: 1, high: 2 })).toBe("+1.0 … +2.0");
});

test("thousands are apart", () => {
  expect([7, 999, 1000, 23340, 1234567].map(count)).toEqual([
    "7",
    "999",
    "1\u2009000",
    "23\u2009340",
    "1\u2009234\u2009567",
  ]);
});
