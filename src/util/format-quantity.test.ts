/** Numbers for people. */
import { expect, test } from "vitest";
import { formatBytes, formatCount, formatDuration } from "./format-quantity.ts";

test("durations", () => {
  expect([0, 59.4, 59.6, 185, 3600, 7620].map(formatDuration)).toEqual([
    "0 s",
    "59 s",
    "1 min 00 s",
    "3 min 05 s",
    "1 h 00 min",
    "2 h 07 min",
  ]);
  expect(formatDuration(Number.POSITIVE_INFINITY)).toBe("?");
});

test("bytes and counts", () => {
  expect([0, 999, 1000, 4_920_000_000].map(formatBytes)).toEqual(["0 B", "999 B", "1.00 kB", "4.92 GB"]);
  expect([7, 999, 3849, 99_960, 999_600, 12_400_000].map(formatCount)).toEqual([
    "7",
    "999",
    "3.8k",
    "100k",
    "1.0M",
    "12.4M",
  ]);
});
