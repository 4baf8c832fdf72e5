/** Blocks cover a product exactly, within the registers and the caches. */
import { expect, test } from "vitest";
import { blocksOf, isSupported, tileWidths } from "./product-blocks.ts";

const shape = { rows: 16, columns: 64, terms: 8, batch: 1, termsFirst: false };

test("tiles cover a block exactly, none wider than the registers allow", () => {
  for (let columns = 1; columns < 300; columns++) {
    const { sixes, rest } = tileWidths(columns);
    expect(6 * sixes + rest.reduce((a, b) => a + b, 0)).toBe(columns);
    expect(rest.every((width) => width > 0 && width < 6)).toBe(true);
  }
});

test("a block is a multiple of a tile and stays in the cache", () => {
  for (const columns of [1, 5, 47, 96, 500, 2048, 32_000]) {
    const block = blocksOf({ ...shape, columns });
    expect(block.columns % 6).toBe(0);
    expect(block.columns * block.terms).toBeLessThanOrEqual(50_688);
  }
});

test("a block is copied where the distance of its terms is a power of two", () => {
  const copied = [64, 1000, 1024, 2048, 32_000, 32_768].filter(
    (columns) => blocksOf({ ...shape, columns }).copyStride,
  );
  expect(copied).toEqual([1024, 2048, 32_768]);
  // Whole vectors, at the end too.
  expect(blocksOf({ ...shape, columns: 1024 }).columns % 8).toBe(0);
  expect(blocksOf({ ...shape, columns: 1024, termsFirst: true }).copyStride).toBeUndefined();
});

test("few columns leave work for many threads: the rows come in parts", () => {
  const parts = (rows: number, columns: number, batch: number) =>
    Math.ceil(rows / 16 / blocksOf({ ...shape, rows, columns, batch }).panels);
  expect(parts(128, 128, 1)).toBe(4);
  expect(parts(16, 128, 1)).toBe(1);
  expect(parts(128, 2000, 1)).toBe(1);
  expect(parts(128, 16, 16)).toBe(1);
});

test("sizes that lead beyond 32 bits are out of range", () => {
  expect(isSupported({ ...shape, rows: 2 ** 15, terms: 2 ** 15 })).toBe(false);
  expect(isSupported({ ...shape, rows: 2 ** 24, columns: 1, terms: 1 })).toBe(false);
  expect(isSupported({ ...shape, rows: 0 })).toBe(false);
  expect(isSupported({ ...shape, rows: 32_000, columns: 4096, terms: 512 })).toBe(true);
});
