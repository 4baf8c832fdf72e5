/** A scheduler over a llama.cpp that is made up, and what greedy answers and states come out of it, for tests. */
import { expect } from "vitest";
import type { Job, Output } from "../../src/engine/embedded/decoding/job.ts";
import { Scheduler, type SchedulerOptions } from "../../src/engine/embedded/decoding/scheduler.ts";
import { Sequences } from "../../src/engine/embedded/decoding/sequences.ts";
import { ThreadChoice } from "../../src/engine/embedded/decoding/thread-choice.ts";
import { FAKE_VOCABULARY, FakeLlama, fakeLogits } from "./fake-llama.ts";

export const BATCH = 8;

export function open({
  cells = 10_000,
  parallel = 4,
  maxWaiting = 100,
  ...states
}: { cells?: number; parallel?: number; maxWaiting?: number } & Partial<SchedulerOptions> = {}) {
  const llama = new FakeLlama(cells);
  const remembered = states.givesStates === true ? 0 : Number.POSITIVE_INFINITY;
  const sequences = new Sequences(llama, 0n, 2 * parallel, { canRewind: true, remembered });
  const setAdapters = (adapters?: string) => llama.setAdapters(adapters);
  const shape = { batchSize: BATCH, parallel, maxWaiting, outputSize: FAKE_VOCABULARY };
  const options = { ...shape, threads: new ThreadChoice([1]), setAdapters, ...states };
  return { llama, scheduler: new Scheduler(llama, 0n, sequences, options) };
}

const likeliest = (logits: Float32Array) => logits.indexOf(Math.max(...logits));

/** What greedy decoding gives alone. */
export function alone(prompt: readonly number[], count: number, adapters?: string): number[] {
  const tokens = [...prompt];
  for (let i = 0; i < count; i++) tokens.push(likeliest(fakeLogits(tokens, adapters)));
  return tokens.slice(prompt.length);
}

/** A greedy answer of `count` tokens; resolves to them, or to those until the signal. */
export function decode(
  scheduler: Scheduler,
  prompt: readonly number[],
  count: number,
  {
    signal = new AbortController().signal,
    onToken = () => {},
    adapters,
  }: { signal?: AbortSignal; onToken?: () => void; adapters?: string | undefined } = {},
): Promise<{ made: number[]; reused: number }> {
  const made: number[] = [];
  const lane = { tokens: [...prompt], outputsFrom: prompt.length - 1, sequence: undefined };
  return new Promise((resolve, reject) => {
    const job: Job = {
      signal,
      adapters,
      width: 1,
      lanes: [lane],
      reused: 0,
      advance([output]: readonly Output[]) {
        if (Number.isNaN(output!.values[0])) throw new Error("not a number");
        const token = likeliest(output!.values);
        made.push(token);
        onToken();
        lane.tokens.push(token);
        return made.length === count;
      },
      end: (error) => (error === undefined ? resolve({ made, reused: job.reused }) : reject(error)),
    };
    scheduler.add(job);
  });
}

/** The states of a text from position `outputsFrom` on, by position. */
export function read(
  scheduler: Scheduler,
  tokens: readonly number[],
  outputsFrom: number,
): Promise<number[][]> {
  const states: number[][] = [];
  const lanes = [{ tokens: [...tokens], outputsFrom, sequence: undefined }];
  return new Promise((resolve, reject) =>
    scheduler.add({
      signal: new AbortController().signal,
      width: 1,
      lanes,
      reused: 0,
      advance(outputs) {
        for (const { position, values } of outputs) {
          expect(position).toBe(outputsFrom + states.length);
          states.push([...values]);
        }
        return states.length === tokens.length - outputsFrom;
      },
      end: (error) => (error === undefined ? resolve(states) : reject(error)),
    }),
  );
}

export const numbers = (length: number, seed = 0) =>
  Array.from({ length }, (_, i) => (i * 7 + seed) % FAKE_VOCABULARY);
