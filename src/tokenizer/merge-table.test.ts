import fc from "fast-check";
import { expect, test } from "vitest";
import { Heap } from "./heap.ts";
import { MergeTable } from "./merge-table.ts";

test("the heap gives back in order", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (list) => {
      const heap = new Heap<number>((a, b) => a < b);
      for (const item of list) heap.push(item);
      const out = list.map(() => heap.pop());
      expect(out).toEqual([...list].sort((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
      expect(heap.size).toBe(0);
    }),
    { numRuns: 200 },
  );
});

/** The definition: again and again the first of the pairs with the lowest rank. */
function mergeByDefinition(merges: readonly (readonly [number, number])[], symbols: number[]): number[] {
  const out = [...symbols];
  for (;;) {
    for (const [rank, [left, right]] of merges.entries()) {
      const place = out.findIndex((id, i) => id === left && out[i + 1] === right);
      if (place < 0) continue;
      out.splice(place, 2, 4 + rank);
      break;
    }
    if (!merges.some(([left, right]) => out.some((id, i) => id === left && out[i + 1] === right))) return out;
  }
}

test("short and long words merge as the definition says", () => {
  const merges = fc.uniqueArray(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 12, selector: String });
  const word = fc.array(fc.nat(3), { maxLength: 100, size: "max" });
  fc.assert(
    fc.property(merges, word, (pairs, symbols) => {
      const valid = pairs.filter(([left, right], rank) => left < 4 + rank && right < 4 + rank);
      const table = new MergeTable(32);
      for (const [rank, [left, right]] of valid.entries()) table.add(left, right, 4 + rank);
      const out: number[] = [];
      table.merge([...symbols], out);
      expect(out).toEqual(mergeByDefinition(valid, symbols));
    }),
    { numRuns: 150 },
  );
});
