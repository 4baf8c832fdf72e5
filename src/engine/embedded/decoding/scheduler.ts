/**
 * Many jobs on one context of llama.cpp, a batch at a time: every answer under way gets its next token, what room is left
 * goes to prompts in the order of their arrival. A job that begins like another waits for that part to be evaluated once;
 * where the cells run out, what is only remembered is given up first, then the youngest job begins again. llama.cpp
 * computes a batch with one set of adapters: jobs of different ones take turns, a batch each.
 */
import { setImmediate } from "node:timers/promises";
import { InputError, OverloadedError, VikhrError } from "../../../errors.ts";
import type { AdapterScales } from "../adapters.ts";
import type { Batch, Llama, Pointer } from "../llama.ts";
import type { Job, Lane, Output } from "./job.ts";
import { commonLength } from "./prompt-cache.ts";
import { LONG, type Sequences } from "./sequences.ts";
import { type StepCalls, StepRunner } from "./step-runner.ts";
import type { ThreadChoice } from "./thread-choice.ts";
import { WaitingJobs } from "./waiting-jobs.ts";

export interface SchedulerOptions {
  /** The most tokens evaluated at once. A longer text that cannot be split goes alone. */
  batchSize: number;
  /** Fewer at once cost more each. Default: `batchSize`. */
  smallBatch?: number;
  /** Of more tokens than this, answers under way and prompts take turns, a batch each. Default: they share all batches. */
  mixedBatch?: number;
  /** Of so many of them at most, logits are asked for; no less than `parallel`. Default: of all. */
  outputs?: number;
  /** The most lanes that run at once. */
  parallel: number;
  /** The most jobs that wait; one more is refused. Default 256. */
  maxWaiting?: number;
  /** Numbers of an output: of the vocabulary, or of a state. */
  outputSize: number;
  /** The context gives states, those after the final norm, instead of logits. Default false. */
  givesStates?: boolean;
  /** A text goes into a batch whole or not at all, and has at most so many tokens. Default: it may be split. */
  wholeSize?: number | undefined;
  threads: ThreadChoice;
  /** All batches to come are computed with these; called between batches. Needed where jobs have any. */
  setAdapters?(adapters: AdapterScales | undefined): void;
}

/**
 * Milliseconds: for longer no answer is to wait for its next token, unless a small batch takes longer. With half of it, 16
 * prompts of a 1B on two cores get their first tokens a fourteenth later, since those that have one take more turns.
 */
const LONG_STEP = 1000;
const MAX_WAITING = 256;
/** What `llama_decode` returns where no cells are left for the batch, and where it was interrupted. */
const NO_CELLS = 1;
const INTERRUPTED = 2;

type SchedulerCalls = StepCalls & Pick<Llama, "interrupt" | "logits" | "states" | "newBatch" | "freeBatch">;

export class Scheduler {
  /** Tokens evaluated so far: for tests and measurements. */
  evaluated = 0;
  /** In so many batches. */
  batches = 0;
  readonly #llama: SchedulerCalls;
  readonly #context: Pointer;
  readonly #sequences: Sequences;
  readonly #options: SchedulerOptions;
  readonly #batch: Batch;
  readonly #steps: StepRunner;
  /** What the batch holds that is being evaluated. */
  #pieces: readonly Piece[] = [];
  readonly #waiting = new WaitingJobs();
  #running: Job[] = [];
  /** Of jobs that have run before, and had to make room. */
  readonly #begun = new WeakSet<Job>();
  #loop: Promise<void> | undefined;
  /** A job had to make room: none is let in before one has finished, or both would make room for each other for ever. */
  #isCrowded = false;
  #isShortestFirst = true;
  /** A long job has ended since jobs were let in last. */
  #hasLongEnded = false;
  /** Of the jobs that run, each set of adapters once: whose turn it was last stands last. */
  #turns: Turn[] = [];
  /** What batches are computed with. */
  #adapters: AdapterScales | undefined;

  constructor(llama: SchedulerCalls, context: Pointer, sequences: Sequences, options: SchedulerOptions) {
    this.#llama = llama;
    this.#context = context;
    this.#sequences = sequences;
    this.#options = options;
    this.#batch = llama.newBatch(Math.max(options.batchSize, options.wholeSize ?? 0));
    this.#steps = new StepRunner(llama, context, this.#batch, options.threads);
  }

  /** One more would be refused. */
  get isFull(): boolean {
    return this.#waiting.count >= (this.#options.maxWaiting ?? MAX_WAITING);
  }

  /** Throws `OverloadedError` where too many wait. */
  add(job: Job): void {
    if (this.isFull) throw new OverloadedError();
    this.#waiting.add(job);
    job.signal.addEventListener("abort", () => this.#callOff(job), { once: true });
    this.#loop ??= this.#run();
  }

  /** Resolves when nothing is left to do. */
  async idle(): Promise<void> {
    while (this.#loop) await this.#loop;
  }

  dispose(): void {
    this.#sequences.dispose();
    this.#llama.freeBatch(this.#batch);
  }

  /** One that waits need not wait for it, and nobody for a batch that is of no use any more. */
  #callOff(job: Job): void {
    if (this.#pieces.length > 0 && this.#pieces.every(({ job: one }) => one.signal.aborted))
      this.#llama.interrupt(this.#context);
    if (this.#waiting.remove(job)) job.end();
  }

  async #run(): Promise<void> {
    // A whole turn of callers may add jobs that begin alike: they are admitted together.
    await undefined;
    try {
      for (;;) {
        this.#dropAborted();
        // Whoever goes on from what has just ended asks in this turn, and is to find it in its cells.
        if (this.#hasLongEnded && this.#waiting.count > 0) await setImmediate();
        this.#hasLongEnded = false;
        this.#admit();
        if (this.#running.length === 0) break;
        await this.#step();
      }
    } catch (error) {
      this.#failAll(error);
    } finally {
      this.#loop = undefined;
    }
    if (this.#waiting.count > 0) this.#loop ??= this.#run();
  }

  #dropAborted(): void {
    for (const job of this.#running.filter(({ signal }) => signal.aborted)) this.#finish(job);
  }

  #admit(): void {
    if (this.#running.length === 0) this.#isCrowded = false;
    if (this.#isCrowded || !this.#hasPlace(1)) return;
    for (const job of this.#waiting.inOrder((one) => this.#goesOn(one))) {
      if (!this.#hasPlace(job.width)) return;
      if (this.#isWorthWaiting(job)) continue;
      if (!this.#seat(job)) return;
      this.#waiting.letIn(job);
      this.#running.push(job);
    }
  }

  #hasPlace(width: number): boolean {
    const lanes = this.#running.reduce((sum, job) => sum + job.width, 0);
    return lanes === 0 || lanes + width <= this.#options.parallel;
  }

  /** Most of a long text is known. */
  #goesOn(job: Job): boolean {
    const { tokens, outputsFrom } = job.lanes[0]!;
    return this.#isLong(job) && this.#sequences.known(tokens, outputsFrom, job.adapters) > tokens.length / 2;
  }

  /** Worth some care that it is not evaluated twice. */
  #isLong({ lanes }: Job): boolean {
    return lanes[0]!.tokens.length >= Math.min(LONG, 8 * this.#smallBatch);
  }

  /** Another job is about to evaluate much of the same beginning, or most of this job's text. */
  #isWorthWaiting(job: Job): boolean {
    const { tokens, outputsFrom } = job.lanes[0]!;
    const much = Math.min(this.#smallBatch, tokens.length) / 2;
    return this.#runningWith(job.adapters).some(({ lanes }) =>
      lanes.some((lane) => {
        const evaluated = lane.sequence!.tokens.length;
        if (evaluated >= lane.tokens.length - 1) return false;
        const shared = Math.min(commonLength(lane.tokens, tokens), outputsFrom);
        return shared - evaluated >= much;
      }),
    );
  }

  #seat(job: Job): boolean {
    for (const lane of job.lanes) {
      lane.sequence = this.#sequences.acquire(lane.tokens, lane.outputsFrom, job.adapters);
      if (!lane.sequence) {
        this.#unseat(job);
        return false;
      }
    }
    // What it had evaluated itself before it made room is no reuse.
    if (!this.#begun.has(job)) job.reused = job.lanes[0]!.sequence!.tokens.length;
    this.#begun.add(job);
    return true;
  }

  #unseat(job: Job): void {
    for (const lane of job.lanes) {
      if (lane.sequence) this.#sequences.release(lane.sequence);
      lane.sequence = undefined;
    }
  }

  #runningWith(adapters: AdapterScales | undefined): Job[] {
    return this.#running.filter((job) => job.adapters === adapters);
  }

  /** Whoever comes new waits for those who are here, or a stream of ever new ones would leave these no turn. */
  #takeTurn(): Turn {
    const running = new Set(this.#running.map(({ adapters }) => adapters));
    const known = this.#turns.filter(({ adapters }) => running.delete(adapters));
    const fresh = [...running].map((adapters) => ({ adapters, isPrompts: true }));
    const [next, ...others] = [...known, ...fresh];
    this.#turns = [...others, next!];
    if (next!.adapters !== this.#adapters) this.#options.setAdapters?.(next!.adapters);
    this.#adapters = next!.adapters;
    return next!;
  }

  async #step(): Promise<void> {
    const pieces = this.#plan(this.#takeTurn());
    const size = this.#fill(pieces);
    this.#pieces = pieces;
    const status = await this.#steps.run(size);
    this.#pieces = [];
    if (status === INTERRUPTED) return;
    if (status === NO_CELLS) return this.#makeRoom();
    if (status !== 0) throw new VikhrError(`llama.cpp could not evaluate ${size} tokens: status ${status}`);
    this.evaluated += size;
    this.batches++;
    this.#handOut(pieces);
  }

  /** How many tokens are evaluated at once: where answers are under way, no more than they can wait for. */
  #size(): number {
    const { batchSize, threads } = this.#options;
    const pending = this.#running.flatMap(({ lanes }) => lanes.map(pendingOf));
    if (!pending.includes(1)) return batchSize;
    let size = batchSize;
    while (size > this.#smallBatch && threads.expected(size) > LONG_STEP) size >>= 1;
    return size;
  }

  get #smallBatch(): number {
    return this.#options.smallBatch ?? this.#options.batchSize;
  }

  /** Lanes with one token to go come first, or in every second batch: a long prompt holds an answer up for one at most. */
  #lanes(turn: Turn): OpenLane[] {
    const open = this.#runningWith(turn.adapters).flatMap((job) =>
      job.lanes.map((lane) => ({ job, lane, pending: pendingOf(lane) })),
    );
    const answers = open.filter(({ pending }) => pending === 1);
    const prompts = open.filter(({ pending }) => pending > 1);
    const { mixedBatch = Number.POSITIVE_INFINITY } = this.#options;
    const total = open.reduce((sum, { pending }) => sum + pending, 0);
    if (total <= mixedBatch || answers.length === 0 || prompts.length === 0) {
      turn.isPrompts = true;
      return [...answers, ...this.#promptsInOrder(prompts)];
    }
    turn.isPrompts = !turn.isPrompts;
    return turn.isPrompts ? answers : this.#promptsInOrder(prompts);
  }

  /** As they came, and in every second batch the shortest first: a question need not wait for another's long documents. */
  #promptsInOrder(prompts: OpenLane[]): OpenLane[] {
    if (prompts.length < 2) return prompts;
    this.#isShortestFirst = !this.#isShortestFirst;
    return this.#isShortestFirst ? prompts.sort((a, b) => a.pending - b.pending) : prompts;
  }

  #plan(turn: Turn): Piece[] {
    const { wholeSize, outputs = Number.POSITIVE_INFINITY } = this.#options;
    const size = this.#size();
    const pieces: Piece[] = [];
    let at = 0;
    let outputsLeft = outputs;
    for (const { job, lane, pending } of this.#lanes(turn)) {
      const room = Math.min(
        size - at,
        Math.max(0, lane.outputsFrom - lane.sequence!.tokens.length) + outputsLeft,
      );
      // Of wholes the first one always goes: none is passed over for ever.
      const whole = at === 0 || pending <= room ? pending : 0;
      const count = wholeSize === undefined ? this.#share(pending, room) : whole;
      if (count === 0) continue;
      const start = lane.sequence!.tokens.length;
      at += count;
      const wanted = Math.max(0, start + count - Math.max(start, lane.outputsFrom));
      outputsLeft -= wanted;
      pieces.push({ job, lane, start, count, wanted });
    }
    // Attention may go through blocks of tokens: those of one text are to stand in as few of them as they can.
    return pieces.sort((a, b) => b.count - a.count);
  }

  /** Of a text's tokens, so many now: the last batch of a long one is no smaller than a small batch. */
  #share(pending: number, room: number): number {
    const left = pending - room;
    const isShort = left > 0 && left < this.#smallBatch && room >= 2 * this.#smallBatch;
    return isShort ? pending - this.#smallBatch : Math.min(pending, room);
  }

  /** How many tokens there are. */
  #fill(pieces: readonly Piece[]): number {
    const { givesStates } = this.#options;
    const { token, position, sequence, output } = this.#batch;
    let at = 0;
    for (const { lane, start, count } of pieces)
      for (let i = start; i < start + count; i++, at++) {
        token[at] = lane.tokens[i]!;
        position[at] = i;
        sequence[at]![0] = lane.sequence!.id;
        // llama.cpp gives states of all tokens, or complains.
        output[at] = givesStates || i >= lane.outputsFrom ? 1 : 0;
      }
    return at;
  }

  #handOut(pieces: readonly Piece[]): void {
    const { outputSize, givesStates } = this.#options;
    const rows = pieces.reduce((sum, { count, wanted }) => sum + (givesStates ? count : wanted), 0);
    const read = givesStates ? this.#llama.states : this.#llama.logits;
    const values = rows > 0 ? read.call(this.#llama, this.#context, rows, outputSize) : undefined;
    const outputs = new Map<Job, Output[]>();
    let isSpoilt = false;
    let row = 0;
    for (const { job, lane, start, count, wanted } of pieces) {
      for (let i = 0; i < count; i++) lane.sequence!.tokens.push(lane.tokens[start + i]!);
      const own = outputs.get(job) ?? [];
      if (givesStates) row += count - wanted;
      for (let position = start + count - wanted; position < start + count; position++, row++) {
        const at = row * outputSize;
        own.push({ lane, position, values: values!.subarray(at, at + outputSize) });
        isSpoilt ||= Number.isNaN(values![at]);
      }
      if (wanted > 0) {
        lane.outputsFrom = start + count;
        outputs.set(job, own);
      }
    }
    for (const [job, own] of outputs) this.#advance(job, own);
    if (isSpoilt) this.#startOver();
  }

  /** A job that fails does so alone. */
  #advance(job: Job, outputs: readonly Output[]): void {
    if (job.signal.aborted) return;
    try {
      if (job.advance(outputs, this.#sequences)) this.#finish(job);
    } catch (error) {
      this.#finish(job, error);
    }
  }

  #makeRoom(): void {
    const before = this.#running.length;
    this.#dropAborted();
    if (this.#running.length < before || this.#sequences.evict()) return;
    const youngest = this.#running.at(-1)!;
    if (this.#running.length === 1) this.#finish(youngest, new InputError(NO_ROOM));
    // Beams share the cells of their prompt: begun again, each would have its own.
    else this.#sendBack(this.#running.findLast(({ lanes }) => lanes.length === 1) ?? youngest);
  }

  /** It will begin again from what it has made so far. */
  #sendBack(job: Job): void {
    for (const { sequence } of job.lanes) this.#sequences.forget(sequence!);
    this.#unseat(job);
    this.#running.splice(this.#running.indexOf(job), 1);
    this.#waiting.addFirst(job);
    this.#isCrowded = true;
  }

  /**
   * What is no number stays in its cell, also when that is free again, and spoils whatever is evaluated beside it,
   * since 0 times it is none either. An adapter may bring that about; the others are to get over it.
   */
  #startOver(): void {
    this.#dropAborted();
    for (const job of [...this.#running].reverse()) this.#sendBack(job);
    this.#sequences.clear();
    this.#isCrowded = false;
  }

  #finish(job: Job, error?: unknown): void {
    this.#isCrowded = false;
    this.#hasLongEnded ||= job.lanes.length > 0 && this.#isLong(job);
    this.#running.splice(this.#running.indexOf(job), 1);
    this.#unseat(job);
    job.end(error);
  }

  /** What the cells hold now is not known. */
  #failAll(error: unknown): void {
    for (const job of this.#running.splice(0)) {
      this.#unseat(job);
      job.end(error);
    }
    this.#sequences.clear();
  }
}

/** A prompt and its answer fit, so that this is said of several texts at once: beams. */
const NO_ROOM =
  "the context has no room for so many beams: take fewer, a shorter answer (--max-tokens), or a larger --context-size";

/** Tokens that are to be evaluated. */
const pendingOf = ({ tokens, sequence }: Lane) => tokens.length - sequence!.tokens.length;

/** Of the jobs with one set of adapters. */
interface Turn {
  adapters: AdapterScales | undefined;
  /** The next batch is of prompts, where they do not share it with answers. */
  isPrompts: boolean;
}

interface OpenLane {
  job: Job;
  lane: Lane;
  pending: number;
}

/** Neighbouring tokens of a lane in a batch. */
interface Piece {
  job: Job;
  lane: Lane;
  start: number;
  count: number;
  /** Of the last so many, outputs are wanted. */
  wanted: number;
}
