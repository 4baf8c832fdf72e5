/**
 * llama.cpp's cells without a model: as strict about positions as it is, as short of cells, and with logits that depend
 * on every token that a sequence holds. What a sequence would answer alone can be computed without it.
 */
import type { Batch, Pointer, SavedState } from "../../src/engine/embedded/llama.ts";

export const FAKE_VOCABULARY = 16;
const NO_CELLS = 1;
const INTERRUPTED = 2;

/** Adapters of which no cell gets over it: numbers are none until all is cleared. */
export const SPOILING = "1e38";

/** A hash of the tokens and what they are computed with, spread over the vocabulary. */
export function fakeLogits(tokens: readonly number[], adapters = ""): Float32Array {
  let hash = 2166136261;
  for (const letter of adapters) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619) >>> 0;
  for (const token of tokens) hash = Math.imul(hash ^ (token + 1), 16777619) >>> 0;
  return Float32Array.from({ length: FAKE_VOCABULARY }, (_, i) => {
    const mixed = Math.imul(hash ^ Math.imul(i + 1, 2654435761), 2246822519) >>> 0;
    return ((mixed ^ (mixed >>> 13)) % 10_007) / 1000;
  });
}

interface Cell {
  token: number;
  position: number;
  adapters: string;
  sequences: Set<number>;
}

export class FakeLlama {
  /** Cells that are in use: a token at a position, with the sequences that hold it. */
  readonly #cells: Cell[] = [];
  readonly #capacity: number;
  #logits = new Float32Array(0);
  /** What each token of the last batch saw, itself last. */
  #seen: number[][] = [];
  /** Tokens of each batch: for checks. */
  readonly batches: number[][] = [];
  /** What each of them was computed with. */
  readonly adaptersOfBatches: string[] = [];
  #adapters = "";
  #isSpoilt = false;
  #isInterrupted = false;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get used(): number {
    return this.#cells.length;
  }

  tokensOf(sequence: number): number[] {
    return this.#cellsOf(sequence).map(({ token }) => token);
  }

  #cellsOf(sequence: number) {
    return this.#cells
      .filter(({ sequences }) => sequences.has(sequence))
      .sort((a, b) => a.position - b.position);
  }

  memory(context: Pointer): Pointer {
    return context;
  }

  /** What was saved and not freed yet. */
  readonly #saved = new Map<SavedState, Omit<Cell, "sequences">[]>();

  get savedStates(): number {
    return this.#saved.size;
  }

  saveSequence(_context: Pointer, sequence: number): SavedState {
    const state = { at: 0n, bytes: 0 };
    const cells = this.#cellsOf(sequence);
    this.#saved.set(
      state,
      cells.map(({ token, position, adapters }) => ({ token, position, adapters })),
    );
    return state;
  }

  loadSequence(memory: Pointer, sequence: number, state: SavedState): boolean {
    const cells = this.#saved.get(state);
    if (!cells) throw new Error("a state that was freed");
    this.removeFrom(memory, sequence, 0);
    if (this.#cells.length + cells.length > this.#capacity) return false;
    for (const cell of cells) this.#cells.push({ ...cell, sequences: new Set([sequence]) });
    return true;
  }

  freeState(state: SavedState): void {
    if (!this.#saved.delete(state)) throw new Error("a state that was freed before");
  }

  newBatch(tokens: number): Batch {
    return {
      native: {},
      token: new Int32Array(tokens),
      position: new Int32Array(tokens),
      sequence: Array.from({ length: tokens }, () => new Int32Array(1)),
      output: new Int8Array(tokens),
    };
  }

  freeBatch(): void {}

  setThreads(): void {}

  get adapters(): string {
    return this.#adapters;
  }

  setAdapters(adapters = ""): void {
    if (adapters === this.#adapters) throw new Error("they are those already");
    this.#adapters = adapters;
  }

  clear(): void {
    this.#cells.length = 0;
    this.#isSpoilt = false;
  }

  async decode(context: Pointer, batch: Batch, tokens: number): Promise<number> {
    this.#isInterrupted = false;
    await new Promise((resolve) => setImmediate(resolve));
    return this.#isInterrupted ? INTERRUPTED : this.decodeHere(context, batch, tokens);
  }

  interrupt(): void {
    this.#isInterrupted = true;
  }

  decodeHere(_context: Pointer, batch: Batch, tokens: number): number {
    if (this.#cells.length + tokens > this.#capacity) return NO_CELLS;
    const adapters = this.#adapters;
    this.#isSpoilt ||= adapters === SPOILING;
    const rows: Float32Array[] = [];
    this.#seen = [];
    const sizes: number[] = [];
    for (let i = 0; i < tokens; i++) {
      const sequence = batch.sequence[i]![0]!;
      const held = this.#cellsOf(sequence);
      if (batch.position[i] !== held.length)
        throw new Error(`position ${batch.position[i]} of a sequence that holds ${held.length}`);
      if (held.some((cell) => cell.adapters !== adapters))
        throw new Error("what was computed with other adapters goes on");
      const token = batch.token[i]!;
      this.#cells.push({ token, position: held.length, adapters, sequences: new Set([sequence]) });
      const seen = [...held.map((cell) => cell.token), token];
      if (batch.output[i] === 1) {
        const logits = fakeLogits(seen, adapters);
        rows.push(this.#isSpoilt ? logits.fill(Number.NaN) : logits);
      }
      this.#seen.push(seen);
      sizes[sequence] = (sizes[sequence] ?? 0) + 1;
    }
    this.batches.push(sizes.filter((size) => size > 0));
    this.adaptersOfBatches.push(adapters);
    this.#logits = new Float32Array(rows.length * FAKE_VOCABULARY);
    for (const [row, values] of rows.entries()) this.#logits.set(values, row * FAKE_VOCABULARY);
    return 0;
  }

  logits(_context: Pointer, rows: number): Float32Array {
    if (rows * FAKE_VOCABULARY !== this.#logits.length) throw new Error(`${rows} rows were not asked for`);
    return this.#logits;
  }

  /** Of every token; the same numbers as logits. */
  states(_context: Pointer, rows: number): Float32Array {
    if (rows !== this.#seen.length) throw new Error(`${rows} states of ${this.#seen.length} tokens`);
    return Float32Array.from(this.#seen.flatMap((tokens) => [...fakeLogits(tokens)]));
  }

  removeFrom(_memory: Pointer, sequence: number, position: number): boolean {
    for (let i = this.#cells.length - 1; i >= 0; i--) {
      const cell = this.#cells[i]!;
      if (cell.position < position || !cell.sequences.delete(sequence)) continue;
      if (cell.sequences.size === 0) this.#cells.splice(i, 1);
    }
    return true;
  }

  copyPrefix(_memory: Pointer, from: number, to: number, end: number): void {
    if (this.tokensOf(to).length > 0) throw new Error("a copy into a sequence that holds something");
    for (const { sequences, position } of this.#cells)
      if (position < end && sequences.has(from)) sequences.add(to);
  }
}
