import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DATA_START, type DataPlace, type PackedRow, type PackResult, rowPacker, writeMask } from "./pack.ts";
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

const sourceOf = (clusters: readonly Sequence[][]) => ({
  length: clusters.length,
  total: clusters.length,
  cluster: (n: number) => clusters[n]!,
});

/** One step. */
function pack(source: readonly Sequence[][], rowCount: number, length: number): PackResult {
  return rowPacker(sourceOf(source), { rowCount, length })();
}

/** All steps from `start` to the end of the data. */
function packAll(
  source: readonly Sequence[][],
  options: { rowCount: number; length: number },
  start?: DataPlace,
): PackResult[] {
  const next = rowPacker(sourceOf(source), options, start);
  const steps: PackResult[] = [];
  const isDone = ({ clusters, passed }: DataPlace) => clusters === source.length && passed.length === 0;
  for (let place = start; !place || !isDone(place); place = steps.at(-1)!.place) steps.push(next());
  return steps;
}

const sequencesOf = (rows: readonly PackedRow[]) =>
  sorted(rows.flatMap(paths).map(({ places: _, ...path }) => path));

/** Few rows, so that some clusters are larger than all of them, and most wait. */
const sizes = fc.record({
  rowCount: fc.integer({ min: 1, max: 3 }),
  length: fc.integer({ min: 15, max: 70 }),
});
const manyClusters = fc.array(cluster, { minLength: 1, maxLength: 40 });

describe("packing", () => {
  test("every sequence that fits a row comes once, with the labels, weights and positions it has alone", () => {
    fc.assert(
      fc.property(manyClusters, sizes, (source, options) => {
        const steps = packAll(source, options);
        const fitting = source.flat().filter((s) => s.ids.length <= options.length);
        expect(sequencesOf(steps.flatMap((step) => step.rows))).toEqual(sorted(fitting.map(alone)));
        const dropped = steps.reduce((n, step) => n + step.dropped, 0);
        expect(dropped).toBe(source.flat().length - fitting.length);
      }),
      { numRuns: 60 },
    );
  });

  test("begun again at the place of any step, goes on with the rows of an uninterrupted pass", () => {
    fc.assert(
      fc.property(manyClusters, sizes, (source, options) => {
        const steps = packAll(source, options);
        for (const [i, { place }] of steps.entries())
          expect(packAll(source, options, JSON.parse(JSON.stringify(place)))).toEqual(steps.slice(i + 1));
      }),
      { numRuns: 15 },
    );
  });

  test("16 clusters wait at most, and each step packs the oldest to its end if all rows can hold it", () => {
    fc.assert(
      fc.property(manyClusters, sizes, (source, options) => {
        let before = DATA_START;
        for (const { rows, place } of packAll(source, options)) {
          const waiting = place.passed.map(({ cluster }) => cluster);
          expect(waiting.length).toBeLessThanOrEqual(16);
          expect(waiting).toEqual([...waiting].sort((a, b) => a - b));
          const [oldest] = before.passed;
          const still = place.passed.find(({ cluster }) => cluster === oldest?.cluster);
          if (oldest && still) {
            expect(still.from).toBeGreaterThan(oldest.from);
            const next = source[oldest.cluster]!.filter((s) => s.ids.length <= options.length)[still.from]!;
            for (const row of rows) expect(row.used + next.ids.length).toBeGreaterThan(options.length);
          }
          before = place;
        }
      }),
      { numRuns: 60 },
    );
  });

  test("rows of a few clusters are 97 % full, and hold the beginnings seldom more than once", () => {
    const tokens = (n: number) => Array.from({ length: n }, () => 1);
    const size = (min: number, max: number) => fc.integer({ min, max });
    // As grounded dialogues are: 4 to 8 questions about documents of 130 to 480 tokens, and now and then a short one.
    const grounded = fc
      .tuple(size(130, 480), fc.array(size(45, 95), { minLength: 4, maxLength: 8 }))
      .map(([shared, own]) => own.map((n, i) => sequence([...tokens(shared), 2 + i, ...tokens(n)])));
    const short = size(30, 80).map((n) => [sequence(tokens(n))]);
    const source = fc.sample(fc.oneof({ weight: 9, arbitrary: grounded }, { weight: 1, arbitrary: short }), {
      numRuns: 300,
      seed: 1,
    });
    const once = source.reduce((n, one) => n + pack([one], 1, 2000).rows[0]!.used, 0);
    for (const [rowCount, length] of [
      [3, 1408],
      [2, 2112],
    ] as const) {
      // The last step holds what is left.
      const steps = packAll(source, { rowCount, length });
      expect(Math.max(...steps.map(({ place }) => place.passed.length))).toBe(16);
      const used = (rows: readonly PackedRow[]) => rows.reduce((n, row) => n + row.used, 0);
      const full = steps.slice(0, -1).flatMap(({ rows }) => rows);
      expect(used(full) / (full.length * length)).toBeGreaterThan(0.97);
      expect(used(steps.flatMap(({ rows }) => rows)) / once).toBeLessThan(1.05);
    }
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

  test("a cluster larger than a row is split over several, each with the beginning; larger than all, over steps", () => {
    const beginning = Array.from({ length: 20 }, (_, i) => (i % 9) + 1);
    const ends = Array.from({ length: 12 }, (_, i) => Array.from({ length: 8 }, () => (i % 9) + 1));
    const source = [ends.map((end) => sequence([...beginning, ...end]))];
    // A row holds 19 shared tokens and four branches of 9.
    const { rows, place } = pack(source, 4, 60);
    expect(rows.map((row) => row.used)).toEqual([55, 55, 55, 0]);
    expect(place).toEqual({ clusters: 1, passed: [] });
    expect(sequencesOf(rows)).toEqual(sorted(source[0]!.map(alone)));
    const steps = packAll(source, { rowCount: 2, length: 60 });
    expect(steps.map((step) => step.place.passed)).toEqual([[{ cluster: 0, from: 8 }], []]);
    expect(sequencesOf(steps.flatMap((step) => step.rows))).toEqual(sorted(source[0]!.map(alone)));
  });

  test("sequences longer than a row are left out and counted", () => {
    const long = sequence(Array(21).fill(1));
    const step = pack([[long, sequence([1, 2])], [long]], 2, 20);
    expect(step).toMatchObject({ place: { clusters: 2, passed: [] }, dropped: 2 });
    expect(step.rows.map((row) => row.used)).toEqual([2, 0]);
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
