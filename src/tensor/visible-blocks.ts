/** A mask of attention in, the table of its visible blocks out: see VISIBILITY_BLOCK. */
import { VISIBILITY_BLOCK } from "./operations.ts";

/**
 * `mask`: [length, length] for each row, -Infinity where the query (second index) does not see the key (first).
 * `length` is a multiple of the block.
 */
export function visibleBlocks(mask: Float32Array, length: number): Int32Array {
  const blocks = length / VISIBILITY_BLOCK;
  const rows = mask.length / length ** 2;
  const table = new Int32Array(blocks ** 2 * rows);
  for (let line = 0; line < rows * blocks; line++) {
    // The diagonal counts, so that no block of keys or of queries is alone.
    table[line * blocks + (line % blocks)] = 1;
    for (let column = 0; column < blocks; column++)
      if (seesAny(mask, line * VISIBILITY_BLOCK * length + column * VISIBILITY_BLOCK, length))
        table[line * blocks + column] = 1;
  }
  return table;
}

function seesAny(mask: Float32Array, from: number, length: number): boolean {
  for (let query = 0; query < VISIBILITY_BLOCK; query++)
    for (let at = from + query * length, end = at + VISIBILITY_BLOCK; at < end; at++)
      if (mask[at]! > Number.NEGATIVE_INFINITY) return true;
  return false;
}
