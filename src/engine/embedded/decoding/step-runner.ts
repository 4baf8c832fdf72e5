/**
 * A filled batch in, computed out: with as many threads as are best for its size, and on this thread or another one, by how
 * long it will take and what else this thread has to do.
 */
import { setImmediate } from "node:timers/promises";
import type { Batch, Llama, Pointer } from "../llama.ts";
import type { ThreadChoice } from "./thread-choice.ts";

/**
 * Milliseconds: steps that are expected to be shorter are computed on this thread, and other work has its turn as often. One
 * that is handed over may find two of llama.cpp's threads on one core, and then takes up to 30.
 */
const SHORT_STEP = 5;
/** So are steps that are shorter than this while other work takes less than this share of the time. */
const QUIET = { step: 30, share: 0.05 };
/** What the newest step counts for in the mean of that share. */
const NEWEST = 0.2;

export type StepCalls = Pick<Llama, "setThreads" | "decode" | "decodeHere">;

export class StepRunner {
  readonly #llama: StepCalls;
  readonly #context: Pointer;
  readonly #batch: Batch;
  readonly #choice: ThreadChoice;
  /** With how many llama.cpp computes now. */
  #threads: number | undefined;
  /** When other work of this thread last had its turn, and the share of the time that it takes: a moving mean. */
  #lastTurn = 0;
  #others = 0;

  constructor(llama: StepCalls, context: Pointer, batch: Batch, choice: ThreadChoice) {
    this.#llama = llama;
    this.#context = context;
    this.#batch = batch;
    this.#choice = choice;
  }

  /** Resolves to what `llama_decode` returns. */
  async run(size: number): Promise<number> {
    const { threads, expected, measure } = this.#choice.next(size);
    if (threads !== this.#threads) this.#llama.setThreads(this.#context, threads);
    this.#threads = threads;
    const isHere = expected < (this.#others < QUIET.share ? QUIET.step : SHORT_STEP);
    if (isHere) await this.#giveTurn();
    const start = performance.now();
    const status = await (isHere
      ? this.#llama.decodeHere(this.#context, this.#batch, size)
      : this.#handOver(size));
    if (status === 0) measure(performance.now() - start);
    return status;
  }

  /** To another thread; what this one does meanwhile is other work. */
  async #handOver(size: number): Promise<number> {
    const start = performance.now();
    const loop = performance.eventLoopUtilization();
    const status = await this.#llama.decode(this.#context, this.#batch, size);
    this.#learnOthers(performance.eventLoopUtilization(loop).active, performance.now() - start);
    return status;
  }

  /** To other work of this thread, unless it had one of late. */
  async #giveTurn(): Promise<void> {
    const start = performance.now();
    const since = start - this.#lastTurn;
    if (since <= SHORT_STEP) return;
    await setImmediate();
    this.#lastTurn = performance.now();
    this.#learnOthers(this.#lastTurn - start, since);
  }

  /** Other work took so many of so many milliseconds. */
  #learnOthers(work: number, time: number): void {
    if (time > 0) this.#others += NEWEST * (work / time - this.#others);
  }
}
