/**
 * Packs token sequences into rows of fixed length without cross-talk. Sequences of one cluster that begin alike
 * (several questions about the same documents) share that beginning: it is evaluated once, and each continuation
 * sees it and itself only, at the positions it would have alone. The log-probabilities are those of the sequences
 * one by one; the shared documents cost once. Looks ahead for what fills the rows, and says what it passed over.
 */
import type { ClusterSource } from "./data-order.ts";
import type { AuxiliaryLabels, Sequence } from "./sequence.ts";

/** A shorter common beginning is not worth a branch. */
const MIN_SHARED_TOKENS = 16;

/** Clusters to choose from. With 16, rows of 1400 to 2100 tokens are 97 to 99 % full; 32 add under 1 %. */
const LOOK_AHEAD = 16;

/** One row of tokens. All arrays have the row's length. */
export interface PackedRow {
  tokens: Int32Array;
  labels: Int32Array;
  /** Weight of predicting the label; 0 at the end of a sequence and on padding. */
  weights: Float32Array;
  /** 1 where the label is of an assistant turn. */
  isAnswer: Uint8Array;
  /** What an inner layer should know at the token itself, and how much that counts. */
  auxiliary: AuxiliaryLabels;
  positions: Int32Array;
  /** Which block a token belongs to; -1 is padding, which sees itself only. */
  block: Int32Array;
  /** 0: the shared beginning, visible to its whole block; else the continuation, visible to itself. */
  branch: Int32Array;
  /** Tokens in use. */
  used: number;
}

function emptyRow(length: number): PackedRow {
  return {
    tokens: new Int32Array(length),
    labels: new Int32Array(length),
    weights: new Float32Array(length),
    isAnswer: new Uint8Array(length),
    auxiliary: { labels: new Int32Array(length), weights: new Float32Array(length) },
    positions: new Int32Array(length),
    block: new Int32Array(length).fill(-1),
    branch: new Int32Array(length),
    used: 0,
  };
}

/** How far the data are packed. */
export interface DataPlace {
  /** Clusters taken from the source, over all epochs. */
  clusters: number;
  /** Those of them with sequences still to be packed, oldest first; the first `from` that fit a row are packed. */
  passed: readonly { readonly cluster: number; readonly from: number }[];
}

export const DATA_START: DataPlace = { clusters: 0, passed: [] };

export interface PackResult {
  rows: PackedRow[];
  place: DataPlace;
  /** Sequences left out: longer than a row. */
  dropped: number;
}

/** A cluster with sequences still to be packed. */
interface Waiting {
  cluster: number;
  /** Those that fit a row. */
  sequences: readonly Sequence[];
  /** Tokens of the beginning that stands once for all sequences in a row. */
  shared: number;
  /** Sequences already packed. */
  from: number;
}

/**
 * Every call fills the next `rowCount` rows; the first one begins at `start`. The oldest waiting cluster comes
 * first, so that none waits for ever; then what fills best. Of a cluster that does not fit whole, the last
 * sequences may wait. A packer started at the place of another's last call goes on with the rows that the other
 * would give. A call takes one epoch's clusters at most, so that data of which nothing fits come to an end.
 */
export function rowPacker(
  source: ClusterSource<Sequence>,
  { rowCount, length }: { rowCount: number; length: number },
  start = DATA_START,
): () => PackResult {
  let { clusters } = start;
  const read = (cluster: number, from = 0): Waiting & { dropped: number } => {
    const all = source.cluster(cluster);
    const sequences = all.filter((s) => s.ids.length <= length);
    const common = commonLength(sequences);
    const shared = common < MIN_SHARED_TOKENS ? 0 : common - 1;
    return { cluster, sequences, shared, from, dropped: all.length - sequences.length };
  };
  let pool: Waiting[] = start.passed.map(({ cluster, from }) => read(cluster, from));
  return () => {
    const rows = Array.from({ length: rowCount }, () => emptyRow(length));
    const limit = Math.min(source.total, clusters + source.length);
    let dropped = 0;
    const take = () => {
      while (pool.length < LOOK_AHEAD && clusters < limit) {
        const taken = read(clusters++);
        dropped += taken.dropped;
        if (taken.sequences.length > 0) pool.push(taken);
      }
    };
    /** False where nothing fits any more. */
    const packBest = (candidates: readonly Waiting[]): boolean => {
      const best = bestPart(candidates, rows);
      if (!best) return false;
      const { waiting, to, row } = best;
      writeBlock(row, waiting.sequences.slice(waiting.from, to), waiting.shared);
      waiting.from = to;
      pool = pool.filter((one) => one.from < one.sequences.length);
      return true;
    };
    take();
    const oldest = pool.slice(0, 1);
    while (packBest(oldest));
    do take();
    while (packBest(pool));
    const passed = pool.map(({ cluster, from }) => ({ cluster, from }));
    return { rows, place: { clusters, passed }, dropped };
  };
}

interface Part {
  waiting: Waiting;
  /** The sequence before which the part ends. */
  to: number;
  row: PackedRow;
}

/**
 * The part, of any candidate into any row, that brings most tokens. One that leaves sequences waiting makes
 * the beginning stand once more: half of it counts off, which measured best in clusters per step.
 */
function bestPart(candidates: readonly Waiting[], rows: readonly PackedRow[]): Part | undefined {
  let best: Part | undefined;
  let most = Number.NEGATIVE_INFINITY;
  // Of equals the fullest row, the oldest cluster.
  const byUse = [...rows].sort((a, b) => b.used - a.used);
  for (const waiting of candidates)
    for (const row of byUse) {
      const { sequences, shared, from } = waiting;
      let tokens = shared;
      let to = from;
      for (; to < sequences.length; to++) {
        const more = sequences[to]!.ids.length - shared;
        if (row.used + tokens + more > row.tokens.length) break;
        tokens += more;
      }
      const gain = tokens - (to < sequences.length ? shared / 2 : 0);
      if (to === from || gain <= most) continue;
      most = gain;
      best = { waiting, to, row };
    }
  return best;
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

/** The first `shared` tokens once, then what follows them in each sequence: the last shared one's label differs. */
function writeBlock(row: PackedRow, sequences: readonly Sequence[], shared: number): void {
  const number = row.used === 0 ? 0 : row.block[row.used - 1]! + 1;
  writeTokens(row, sequences[0]!, 0, shared, number, 0);
  for (const [i, sequence] of sequences.entries())
    writeTokens(row, sequence, shared, sequence.ids.length, number, i + 1);
}

function writeTokens(
  row: PackedRow,
  { ids, weights, isAnswer, auxiliary }: Sequence,
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
    if (auxiliary) {
      row.auxiliary.labels[at] = auxiliary.labels[i]!;
      row.auxiliary.weights[at] = auxiliary.weights[i]!;
    }
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
