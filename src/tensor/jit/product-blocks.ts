/**
 * How a product is cut up: sizes in, blocks and tiles out. The figures are for 32 KB of first-level cache and 512 KB
 * of second; on other processors they cost speed, never a bit of the result.
 */
import { VISIBILITY_BLOCK } from "../operations.ts";

/**
 * For every matrix of a batch: out[i,j] = sum_t p[i,t] q(t,j), i being what varies fastest in `out` and in `p`.
 * Each operand is contiguous.
 */
export interface ProductShape {
  /** Sizes of i, j and t. */
  rows: number;
  columns: number;
  terms: number;
  /** How many matrices lie behind each other. */
  batch: number;
  /** Whether t varies fastest in q, or else j. */
  termsFirst: boolean;
  /** Where one of the three matrices is [keys, queries] of attention: work on what nobody sees is left out. */
  sparsity?: BlockSparsity | undefined;
}

/**
 * Which sizes are the keys and the queries. A third source, i32 [blocks, blocks] for every `heads` matrices, is not 0
 * where some query of a block (second index) sees some key of one (first index), and on its diagonal. Other blocks
 * are neither read nor written. Queries may be a multiple of keys: then the table holds for each part of them.
 */
export interface BlockSparsity {
  keys: "rows" | "columns" | "terms";
  queries: "columns" | "terms";
  /** Matrices behind each other for which one table holds. */
  heads: number;
}

export const FLOAT = 4;
export const VECTOR = 8;
/** Floats of two vectors: rows of the result in registers. */
export const PANEL = 16;
/** 6 columns x 2 vectors of sums, 2 vectors of p and one of q: 15 of 16 registers. The last one holds a mask. */
export const TILE = 6;
/** A panel of so many terms is 16 KB: half of the first-level cache. */
const TERM_BLOCK = 256;
/** So many columns of q, 196 KB, stay in the second-level cache while all panels pass. */
const COLUMN_BLOCK = 192;
/** Columns below which copying the panels weighs too much, and blocks that many threads can share. */
const NARROW_BLOCK = 48;
const SHARED_BLOCKS = 8;
/**
 * Where j varies fastest and the columns are a multiple of this, the terms of q fall into so few places of both
 * caches that they throw each other out: such a block is copied, with this many floats from term to term (measured:
 * 52 GFLOPS without, 66 with fewer than 128, 85 with 136). Fewer terms a round, since koffi's workers have 128 KB
 * of stack: this takes 35.
 */
const CROWDED = 1024;
const COPIED_TERMS = 64;
const COPIED_BLOCK = 96;
const COPIED_STRIDE = 136;
/** What is added to an address has to fit into 32 bits: a matrix, or a block of 256 terms. */
const MAX_ELEMENTS = 2 ** 28;
const MAX_SIZE = 2 ** 20;

export interface ProductBlocks {
  /** Columns that a thread takes at a time: a multiple of the tile, and alike as far as possible. */
  columns: number;
  /** Panels that it takes at a time: all, unless the blocks of columns are too few for many threads. */
  panels: number;
  /** Terms that are added up in registers before the result is written. */
  terms: number;
  /** Floats from term to term in the copy of q's block, where there is one. */
  copyStride: number | undefined;
}

export function isSupported(shape: ProductShape): boolean {
  const { rows, columns, terms, batch, sparsity } = shape;
  const sizes = [rows, columns, terms];
  const elements = [rows * terms, terms * columns, rows * columns];
  const isWhole = (part: number, all: number) => all % part === 0;
  return (
    (!sparsity ||
      (isWhole(VISIBILITY_BLOCK, shape[sparsity.keys]) &&
        isWhole(shape[sparsity.keys], shape[sparsity.queries]) &&
        isWhole(sparsity.heads, batch))) &&
    sizes.every((size) => size > 0 && size <= MAX_SIZE) &&
    elements.every((count) => count <= MAX_ELEMENTS) &&
    batch <= MAX_ELEMENTS
  );
}

export function blocksOf(shape: ProductShape): ProductBlocks {
  const { rows, columns, batch, termsFirst, sparsity } = shape;
  const allPanels = Math.ceil(rows / PANEL);
  if (sparsity) {
    const of = (size: "rows" | "columns" | "terms", otherwise: number, unit = 1) =>
      sparsity.keys === size || sparsity.queries === size ? VISIBILITY_BLOCK / unit : otherwise;
    return {
      columns: of("columns", Math.ceil(columns / TILE) * TILE),
      panels: of("rows", allPanels, PANEL),
      terms: of("terms", TERM_BLOCK),
      copyStride: !termsFirst && columns % CROWDED === 0 ? COPIED_STRIDE : undefined,
    };
  }
  if (!termsFirst && columns % CROWDED === 0)
    return { columns: COPIED_BLOCK, panels: allPanels, terms: COPIED_TERMS, copyStride: COPIED_STRIDE };
  const forThreads = Math.min(Math.ceil(SHARED_BLOCKS / batch), Math.floor(columns / NARROW_BLOCK));
  const blocks = Math.max(1, Math.ceil(columns / COLUMN_BLOCK), forThreads);
  const parts = Math.max(1, Math.min(Math.ceil(SHARED_BLOCKS / (blocks * batch)), Math.floor(allPanels / 2)));
  return {
    columns: Math.ceil(columns / blocks / TILE) * TILE,
    panels: Math.ceil(allPanels / parts),
    terms: TERM_BLOCK,
    copyStride: undefined,
  };
}

/** Widths of tiles that cover so many columns: sixes, and as few narrow ones as possible, which are slow. */
export function tileWidths(columns: number): { sixes: number; rest: number[] } {
  const sixes = Math.floor(columns / TILE);
  const left = columns % TILE;
  if (left === 0) return { sixes, rest: [] };
  if (left > 2 || sixes === 0) return { sixes, rest: [left] };
  return { sixes: sixes - 1, rest: left === 1 ? [4, 3] : [4, 4] };
}

/** The vectors of a panel with so many rows; the last may be used in part. */
export function vectorsOf(rows: number): { index: number; offset: number; masked: boolean }[] {
  return Array.from({ length: Math.ceil(rows / VECTOR) }, (_, index) => ({
    index,
    offset: index * VECTOR * FLOAT,
    masked: rows < (index + 1) * VECTOR,
  }));
}
