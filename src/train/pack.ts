/**
 * Packs token sequences into rows of fixed length without cross-talk. Sequences of one cluster that begin alike
 * (several questions about the same documents) share that beginning: it is evaluated once, and each continuation
 * sees it and itself only, at the positions it would have alone. The log-probabilities are those of the sequences
 * one by one; the shared documents cost once.
 */
import type { Sequence } from "./sequence.ts";

/** A shorter common beginning is not worth a branch. */
const MIN_SHARED_TOKENS = 16;

/** One row of tokens. All arrays have the row's length. */
export interface PackedRow {
  tokens: Int32Array;
  labels: Int32Array;
  /** Weight of predicting the label; 0 at the end of a sequence and on padding. */
  weights: Float32Array;
  /** 1 where the label is of an assistant turn. */
  isAnswer: Uint8Array;
  positions: Int32Array;
  /** Which block a token belongs to; -1 is padding, which sees itself only. */
  block: Int32Array;
  /** 0: the shared beginning, visible to its whole block; else the continuation, visible to itself. */
  branch: Int32Array;
  /** Tokens in use. */
  used: number;
}

interface Branch {
  sequence: Sequence;
  /** The first token that stands in the branch: the last shared one, repeated, since its label differs by branch. */
  from: number;
}

/** A shared beginning with continuations, or one sequence (a single branch from 0). */
interface Block {
  shared: number;
  branches: Branch[];
  length: number;
}

function emptyRow(length: number): PackedRow {
  return {
    tokens: new Int32Array(length),
    labels: new Int32Array(length),
    weights: new Float32Array(length),
    isAnswer: new Uint8Array(length),
    positions: new Int32Array(length),
    block: new Int32Array(length).fill(-1),
    branch: new Int32Array(length),
    used: 0,
  };
}

export interface PackResult {
  rows: PackedRow[];
  /** Clusters taken from the source. */
  clusters: number;
  /** Sequences left out: longer than a row, or of a cluster which is larger than all rows together. */
  dropped: number;
}

/**
 * Fills `rowCount` rows from `next`, which gives the cluster after the ones taken (undefined at the end). A
 * cluster that does not fit any more is left for the next call, so that nothing is remembered between calls and
 * a resumed run packs as an uninterrupted one.
 */
export function packRows(
  next: (taken: number) => readonly Sequence[] | undefined,
  options: { rowCount: number; length: number },
): PackResult {
  const { rowCount, length } = options;
  const rows = Array.from({ length: rowCount }, () => emptyRow(length));
  const result: PackResult = { rows, clusters: 0, dropped: 0 };
  for (;;) {
    const cluster = next(result.clusters);
    if (!cluster) return result;
    const fitting = cluster.filter((s) => s.ids.length <= length);
    const blocks = toBlocks(fitting, length);
    const places = placeBlocks(
      blocks,
      rows.map((row) => length - row.used),
    );
    // The next call begins with empty rows; what does not fit even there never will.
    if (places.includes(undefined) && rows.some((row) => row.used > 0)) return result;
    result.dropped += cluster.length - fitting.length;
    for (const [i, block] of blocks.entries()) {
      const place = places[i];
      if (place === undefined) result.dropped += block.branches.length;
      else writeBlock(rows[place]!, block);
    }
    result.clusters++;
  }
}

/** First fit: the row of each block, or undefined. */
function placeBlocks(blocks: readonly Block[], room: number[]): (number | undefined)[] {
  return blocks.map((block) => {
    const place = room.findIndex((free) => free >= block.length);
    if (place < 0) return undefined;
    room[place]! -= block.length;
    return place;
  });
}

function toBlocks(sequences: readonly Sequence[], length: number): Block[] {
  const common = commonLength(sequences);
  const alone = (sequence: Sequence): Block => ({
    shared: 0,
    branches: [{ sequence, from: 0 }],
    length: sequence.ids.length,
  });
  if (common < MIN_SHARED_TOKENS) return sequences.map(alone);
  const blocks: Block[] = [];
  for (const sequence of sequences) {
    const own = sequence.ids.length - (common - 1);
    const block = blocks.at(-1);
    if (block && block.length + own <= length) {
      block.branches.push({ sequence, from: common - 1 });
      block.length += own;
    } else
      blocks.push({
        shared: common - 1,
        branches: [{ sequence, from: common - 1 }],
        length: sequence.ids.length,
      });
  }
  return blocks;
}

/** Tokens that all sequences begin with; 0 for a single one. */
function commonLength(sequences: readonly Sequence[]): number {
  if (sequences.length < 2) return 0;
  const [first, ...others] = sequences;
  let n = Math.min(...sequences.map((s) => s.ids.length));
  for (const other of others) {
    let i = 0;
    while (i < n && other.ids[i] === first!.ids[i]) i++;
    n = i;
  }
  return n;
}

function writeBlock(row: PackedRow, block: Block): void {
  const number = row.used === 0 ? 0 : row.block[row.used - 1]! + 1;
  const shared = block.branches[0]!.sequence;
  writeTokens(row, shared, 0, block.shared, number, 0);
  // The shared beginning's last token predicts the token which every branch repeats.
  for (const [i, { sequence, from }] of block.branches.entries())
    writeTokens(row, sequence, from, sequence.ids.length, number, i + 1);
}

function writeTokens(
  row: PackedRow,
  { ids, weights, isAnswer }: Sequence,
  from: number,
  to: number,
  block: number,
  branch: number,
): void {
  for (let i = from; i < to; i++) {
    const at = row.used++;
    row.tokens[at] = ids[i]!;
    row.positions[at] = i;
    row.block[at] = block;
    row.branch[at] = branch;
    if (i + 1 < ids.length) {
      row.labels[at] = ids[i + 1]!;
      row.weights[at] = weights[i + 1]!;
      row.isAnswer[at] = isAnswer[i + 1]!;
    }
  }
}

/** Writes the row's mask into `mask` at `offset`: [length, length], 0 where the query (row) sees the key (column). */
export function writeMask(mask: Float32Array, offset: number, row: PackedRow): void {
  const n = row.tokens.length;
  mask.fill(Number.NEGATIVE_INFINITY, offset, offset + n * n);
  let blockStart = 0;
  for (let query = 0; query < n; query++) {
    const line = offset + query * n;
    if (row.block[query] === -1) {
      mask[line + query] = 0;
      continue;
    }
    if (row.block[query] !== row.block[blockStart]) blockStart = query;
    const branch = row.branch[query];
    for (let key = blockStart; key <= query; key++)
      if (row.branch[key] === 0 || row.branch[key] === branch) mask[line + key] = 0;
  }
}
