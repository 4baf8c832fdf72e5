/**
 * Transposing copies. ggml's own (`cont` of a permuted view) calls memcpy for every number, 2.8 ns on a 2.5 GHz
 * core; `concat` reads its inputs through their strides in a plain loop, 1 ns: so a copy here is the concatenation
 * of the permuted halves.
 */
import type { Shape } from "../tensor.ts";
import type { Ggml, Pointer } from "./bindings.ts";

type Order = readonly [number, number, number, number];

interface Calls {
  ggml: Ggml;
  context: Pointer;
}

const F32_BYTES = 4;
const TRANSPOSED: Order = [1, 0, 2, 3];

/**
 * Rows in a tile. A tile's lines have to stay in the first-level cache while its columns are read: rows whose
 * length is a large power of two fall into the same few places of it.
 */
const TILE_ROWS = [16, 8, 4];
const TILE_ROWS_OF_LONG_ROWS = [8, 4];
const LONG_ROW = 1024;

/** `order[i]` is where dimension i of the contiguous tensor goes. */
export function permuted({ ggml, context }: Calls, x: Pointer, shape: Shape, order: Order): Pointer {
  const split = [3, 2, 1].find((dimension) => shape[dimension]! % 2 === 0);
  // Rows that stay whole are copied by memcpy, which nothing beats.
  if (order[0] === 0 || split === undefined) return ggml.cont(context, ggml.permute(context, x, ...order));
  const half = [...shape] as [number, number, number, number];
  half[split]! /= 2;
  const strides = [1, 2, 3].map((n) => shape.slice(0, n).reduce((a, b) => a * b, F32_BYTES));
  const [s1, s2, s3] = strides as [number, number, number];
  const part = (index: number) => {
    const view = ggml.view(context, x, ...half, s1, s2, s3, index * half[split]! * strides[split - 1]!);
    return ggml.permute(context, view, ...order);
  };
  return ggml.concat(context, part(0), part(1), order[split]!);
}

/** Swaps the first two dimensions. A large matrix goes in tiles: within the tiles first, then their rows. */
export function transposed(calls: Calls, x: Pointer, shape: Shape): Pointer {
  const { ggml, context } = calls;
  const [columns, rows, heads, batch] = shape;
  const sizes = columns < LONG_ROW ? TILE_ROWS : TILE_ROWS_OF_LONG_ROWS;
  const size = sizes.find((n) => rows % (2 * n) === 0);
  if (heads * batch > 1 || size === undefined) return permuted(calls, x, shape, TRANSPOSED);
  const tiled: Shape = [columns, size, rows / size, 1];
  const tiles = permuted(calls, ggml.reshape(context, x, ...tiled), tiled, TRANSPOSED);
  const joined = permuted(calls, tiles, [size, columns, rows / size, 1], [0, 2, 1, 3]);
  return ggml.reshape(context, joined, rows, columns, 1, 1);
}
