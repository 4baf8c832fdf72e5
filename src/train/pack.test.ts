import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PackedRow, packRows, writeMask } from "./pack.ts";
import type { Sequence } from "./sequence.ts";

/** Weights and labels follow from ids and places, so that equal beginnings have equal weights, as in training. */
function sequence(ids: readonly number[]): Sequence {
  return {
    ids: Int32Array.from(ids),
    weights: Float32Array.from(ids, (id, i) => (i === 0 ? 0 : ((id * 7 + i * 3) % 5) / 4)),
    isAnswer: Uint8Array.from(ids, (id, i) => (i === 0 ? 0 : (id + i) % 2)),
  };
}

const ids = (maxLength: number) => fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength });

/** Clusters whose sequences share a beginning of any length, also none, also all of it. */
const cluster = fc
  .record({
    shared: ids(40),
    rests: fc.array(ids(14), { minLength: 1, maxLength: 5 }),
    isShared: fc.boolean(),
  })
  .map(({ shared, rests, isShared }) =>
    rests.map((rest) => sequence(isShared ? [...shared, ...rest] : rest)),
  );

const clusters = fc.array(cluster, { minLength: 1, maxLength: 8 });

/** What a token of the row may see, by the definition: earlier tokens of its own sequence, and itself. */
interface Path {
  tokens: number[];
  labels: number[];
  weights: number[];
  isAnswer: number[];
  positions: number[];
  places: number[];
}

/** Every block's branches as sequences of their own, with the places of their tokens in the row. */
function paths(row: PackedRow): Path[] {
  const found: Path[] = [];
  for (const block of new Set(row.block.subarray(0, row.used))) {
    const places = [...row.block.keys()].filter((i) => row.block[i] === block);
    for (const branch of new Set(places.map((i) => row.branch[i]!).filter((b) => b > 0))) {
      const own = places.filter((i) => row.branch[i] === 0 || row.branch[i] === branch);
      const pick = (values: ArrayLike<number>) => own.map((i) => values[i]!);
      const { tokens, labels, weights, isAnswer, positions } = row;
      found.push({
        tokens: pick(tokens),
        labels: pick(labels),
        weights: pick(weights),
        isAnswer: pick(isAnswer),
        positions: pick(positions),
        places: own,
      });
    }
  }
  return found;
}

function alone({ ids, weights, isAnswer }: Sequence): Omit<Path, "places"> {
  const last = ids.length - 1;
  return {
    tokens: [...ids],
    labels: [...ids.subarray(1), 0],
    weights: [...weights.subarray(1), 0],
    isAnswer: [...isAnswer.subarray(1), 0],
    positions: [...ids.keys()].slice(0, last + 1),
  };
}

const sorted = (values: readonly object[]) => values.map((value) => JSON.stringify(value)).sort();

function pack(source: readonly Sequence[][], rowCount: number, length: number, from = 0) {
  return packRows((taken) => source[from + taken], { rowCount, length });
}

describe("packRows", () => {
  test("every sequence that fits is there once, with the labels, weights and positions it has alone", () => {
    fc.assert(
      fc.property(clusters, fc.integer({ min: 20, max: 60 }), (source, length) => {
        const { rows, clusters: taken, dropped } = pack(source, 6, length);
        const packed = source.slice(0, taken).flat();
        const fitting = packed.filter((s) => s.ids.length <= length);
        const found = rows.flatMap(paths).map(({ places: _, ...path }) => path);
        expect(sorted(found)).toEqual(sorted(fitting.map(alone)));
        expect(dropped).toBe(packed.length - fitting.length);
      }),
      { numRuns: 60 },
    );
  });

  test("shared beginnings are stored once", () => {
    const beginning = Array.from({ length: 30 }, (_, i) => (i % 9) + 1);
    const source = [[1, 2, 3].map((end) => sequence([...beginning, end, end]))];
    const { rows } = pack(source, 1, 64);
    // 29 shared tokens, and in each branch the last shared one again with the two of its own.
    expect(rows[0]!.used).toBe(29 + 3 * 3);
    expect(paths(rows[0]!)).toHaveLength(3);
  });

  test("what is left of a row is padding that weighs nothing", () => {
    fc.assert(
      fc.property(clusters, (source) => {
        for (const row of pack(source, 4, 60).rows)
          expect([
            row.block.subarray(row.used).every((block) => block === -1),
            row.weights.subarray(row.used).every((weight) => weight === 0),
            row.tokens.subarray(row.used).every((token) => token === 0),
          ]).toEqual([true, true, true]);
      }),
      { numRuns: 30 },
    );
  });

  test("a cluster larger than a row is split over several, each with the beginning", () => {
    const beginning = Array.from({ length: 20 }, (_, i) => (i % 9) + 1);
    const ends = Array.from({ length: 12 }, (_, i) => Array.from({ length: 8 }, () => (i % 9) + 1));
    const source = [ends.map((end) => sequence([...beginning, ...end]))];
    const { rows, clusters: taken } = pack(source, 4, 60);
    expect(taken).toBe(1);
    expect(rows.filter((row) => row.used > 0).length).toBeGreaterThan(1);
    const found = rows.flatMap(paths).map(({ places: _, ...path }) => path);
    expect(sorted(found)).toEqual(sorted(source[0]!.map(alone)));
  });

  test("going on from the cluster after the last one taken gives the rows of an uninterrupted pass", () => {
    fc.assert(
      fc.property(clusters, fc.integer({ min: 15, max: 60 }), (source, length) => {
        const steps = (from: number): unknown[] => {
          const step = pack(source, 2, length, from);
          return step.clusters === 0 ? [] : [step.rows, ...steps(from + step.clusters)];
        };
        const all = steps(0);
        const first = pack(source, 2, length).clusters;
        if (first > 0) expect(steps(first)).toEqual(all.slice(1));
      }),
      { numRuns: 30 },
    );
  });

  test("what can never fit is left out and counted: long sequences, and the end of a cluster larger than all rows", () => {
    const large = Array.from({ length: 9 }, () => sequence([1, 2, 3, 4, 5, 6, 7]));
    const first = pack([[sequence([1])], large], 2, 20);
    expect(first).toMatchObject({ clusters: 1, dropped: 0 });
    const second = pack([[sequence([1])], large], 2, 20, first.clusters);
    expect(second).toMatchObject({ clusters: 1, dropped: 5 });
    expect(second.rows.map((row) => row.used)).toEqual([14, 14]);
    expect(pack([[sequence(Array(21).fill(1))]], 2, 20)).toMatchObject({ clusters: 1, dropped: 1 });
  });
});

test("a token sees the earlier tokens of its own sequence and itself, nothing else", () => {
  fc.assert(
    fc.property(clusters, (source) => {
      const length = 60;
      for (const row of pack(source, 3, length).rows) {
        const mask = new Float32Array(length * length + 2).fill(5);
        writeMask(mask, 1, row);
        const seen = new Set<number>();
        for (const { places } of paths(row))
          for (const [i, query] of places.entries())
            for (const key of places.slice(0, i + 1)) seen.add(query * length + key);
        // Shared tokens see earlier shared ones only, which every path of the block agrees on.
        for (let i = row.used; i < length; i++) seen.add(i * length + i);
        for (let i = 0; i < length * length; i++)
          if (mask[i + 1] !== (seen.has(i) ? 0 : Number.NEGATIVE_INFINITY))
            expect.fail(`query ${Math.floor(i / length)}, key ${i % length}: ${mask[i + 1]}`);
        expect([mask[0], mask.at(-1)]).toEqual([5, 5]);
      }
    }),
    { numRuns: 25 },
  );
});
