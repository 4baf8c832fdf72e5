/**
 * A tally -> rounds of its bootstrap (Efron 1979), each a sum for every cell. By row, as published intervals are made:
 * too narrow, since both games of one question, and the three rows of a strong verdict, go together. By question, drawing
 * whole questions (the cluster bootstrap: Davison & Hinkley 1997, 3.8): honest. The sums are written over by the next round.
 */
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { mersenne } from "pure-rand/generator/mersenne";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { boundedRatings } from "./bradley-terry.ts";
import { drawMultinomial } from "./draw-multinomial.ts";
import { cellSums, type Tally, winsOf } from "./tally.ts";

export type Resample = (round: number) => Float64Array;

/**
 * Row by row, exactly the rows that pandas' `sample(frac=1, replace=True, random_state=round)` takes: numpy's legacy
 * MT19937, its 32-bit words masked to the next power of two, what is then too large thrown away.
 */
export function publishedRows({ cells, cellOf, weights }: Tally): Resample {
  const sums = new Float64Array(cells.length);
  const last = cellOf.length - 1;
  const mask = last > 0 ? 0xffff_ffff >>> Math.clz32(last) : 0;
  return (round) => {
    sums.fill(0);
    const words = mersenne(round);
    for (let drawn = 0; drawn <= last; ) {
      const row = words.next() & mask;
      // A mask of all 32 bits would make it negative; no tally has so many rows.
      if (row > last) continue;
      sums[cellOf[row]!]! += weights === undefined ? 1 : weights[row]!;
      drawn++;
    }
    return sums;
  };
}

/** How often each cell comes among as many rows as there are: multinomial, so that the rows need not be drawn one by one. */
export function drawnRows(tally: Tally, seed: number): Resample {
  if (tally.weights !== undefined) throw new RangeError("rows of different weights are not alike");
  const counts = cellSums(tally);
  const sums = new Float64Array(counts.length);
  const random = xoroshiro128plus(seed);
  return () => drawMultinomial(random, tally.cellOf.length, counts, sums);
}

/** Whole questions, as many as there are. */
export function drawnQuestions(tally: Tally, seed: number): Resample {
  const byCell = questionsByCell(tally);
  const sums = new Float64Array(tally.cells.length);
  const draw = drawCounts(tally.questions, seed);
  return () => sumCells(byCell, draw(), sums);
}

/** What thousands of rounds spend their time in. */
function sumCells({ question, weight, ends }: QuestionsByCell, times: Uint32Array, sums: Float64Array) {
  let entry = 0;
  for (let cell = 0; cell < ends.length; cell++) {
    const end = ends[cell]!;
    let sum = 0;
    for (; entry < end; entry++) sum += times[question[entry]!]! * weight[entry]!;
    sums[cell] = sum;
  }
  return sums;
}

interface QuestionsByCell {
  question: Uint32Array;
  weight: Float64Array;
  ends: number[];
}

/** Cell after cell: each question that has rows there, and what those weigh; `ends` says where the next cell begins. */
function questionsByCell({ cells, cellOf, questionOf, weights }: Tally): QuestionsByCell {
  const byCell = cells.map(() => new Map<number, number>());
  for (let row = 0; row < cellOf.length; row++) {
    const cell = byCell[cellOf[row]!]!;
    const question = questionOf[row]!;
    cell.set(question, (cell.get(question) ?? 0) + (weights?.[row] ?? 1));
  }
  let end = 0;
  return {
    question: Uint32Array.from(byCell.flatMap((cell) => [...cell.keys()])),
    weight: Float64Array.from(byCell.flatMap((cell) => [...cell.values()])),
    ends: byCell.map(({ size }) => (end += size)),
  };
}

/** How often each of `items` comes among as many draws; written over by the next call. */
export function drawCounts(items: number, seed: number): () => Uint32Array {
  const random = xoroshiro128plus(seed);
  const times = new Uint32Array(items);
  return () => {
    times.fill(0);
    for (let drawn = 0; drawn < items; drawn++) times[uniformInt(random, 0, items - 1)]!++;
    return times;
  };
}

/** Of every model its ratings, in the order of the rounds. */
export function bootstrapRatings(tally: Tally, resample: Resample, rounds: number): Float64Array[] {
  const models = tally.models.length;
  const wins = new Float64Array(models ** 2);
  const ratings = Array.from({ length: models }, () => new Float64Array(rounds));
  for (let round = 0; round < rounds; round++) {
    const row = boundedRatings(winsOf(tally, resample(round), wins), models);
    for (let model = 0; model < models; model++) ratings[model]![round] = row[model]!;
  }
  return ratings;
}
