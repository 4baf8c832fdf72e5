import fc from "fast-check";
import { expect, test } from "vitest";
import { tallyLine } from "./tally-line.ts";

test("what is known costs no time, and is not counted as made", () => {
  const tally = { done: 10, known: 30, failed: 2, tokens: 5300 };
  expect(tallyLine(tally, 100, 6)).toBe("42 of 100, 30 known, 2 failed, 5.3k tokens, 29 s left");
  expect(tallyLine({ done: 0, known: 4, failed: 0, tokens: 0 }, 9, 1)).toBe("4 of 9, 4 known, 0 tokens");
});

test("nothing is left at the end, whatever came", () => {
  fc.assert(
    fc.property(fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(1000), (done, known, failed, seconds) => {
      fc.pre(done + failed > 0);
      const line = tallyLine({ done, known, failed, tokens: 1 }, done + known + failed, seconds);
      expect(line).toMatch(/, 0 s left$/);
    }),
  );
});
