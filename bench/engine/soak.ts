/** Thousands of requests, some at a time, a third of them called off: whose answer is wrong or lost, and what stays. */
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { TokenEngine } from "../../src/engine/embedded/token-engine.ts";
import { request } from "./requests.ts";

export interface Soaked {
  requests: number;
  /** Answers with a token that is far less likely alone. */
  wrong: number;
  /** Neither whole nor called off. */
  lost: number;
  /** Megabytes resident, the least seen in the third and in the last quarter of the requests. */
  third: number;
  last: number;
}

const AT_A_TIME = 16;
/** How often memory is looked at. */
const LOOKS = 40;
/**
 * Of log-probabilities. Weights of 8 bits are multiplied by other kernels in batches of other shapes: .34 apart was the
 * most that was seen, and .02 with weights of 32 bits. Another stream's would be nowhere near.
 */
const TOLERANCE = 0.7;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** As long as an answer may be. */
const MOST_TOKENS = 32;

/** What was answered, in memory that is taken before it is measured: it must not pass for a leak. */
class Answers {
  readonly #ids: Int32Array;
  readonly #logprobs: Float32Array;
  readonly #lengths: Uint8Array;

  constructor(requests: number) {
    this.#ids = new Int32Array(requests * MOST_TOKENS).fill(-1);
    this.#logprobs = new Float32Array(requests * MOST_TOKENS).fill(-1);
    this.#lengths = new Uint8Array(requests).fill(0);
  }

  /** The request's tokens with this one. */
  add(request: number, id: number, logprob: number): number {
    const at = request * MOST_TOKENS + this.#lengths[request]!;
    this.#ids[at] = id;
    this.#logprobs[at] = logprob;
    return ++this.#lengths[request]!;
  }

  of(request: number): { ids: number[]; logprobs: Float32Array } {
    const [start, end] = [request * MOST_TOKENS, request * MOST_TOKENS + this.#lengths[request]!];
    return { ids: [...this.#ids.subarray(start, end)], logprobs: this.#logprobs.subarray(start, end) };
  }
}

const promptOf = (i: number) =>
  Array.from({ length: 8 + ((i * 37) % 300) }, (_, at) => 300 + ((at * (1 + (i % 7)) + i) % 1500));

export async function soak(engine: TokenEngine, requests: number): Promise<Soaked> {
  const answers = new Answers(requests);
  const quarters = [0, 1, 2, 3].map(() => Number.POSITIVE_INFINITY);
  let [next, lost] = [0, 0];
  const worker = async () => {
    while (next < requests) {
      const i = next++;
      if (i % Math.ceil(requests / LOOKS) === 0) {
        const quarter = Math.floor((4 * i) / requests);
        quarters[quarter] = Math.min(quarters[quarter]!, await resident());
      }
      const prompt = promptOf(i);
      const [wanted, stopAt] = [4 + (i % (MOST_TOKENS - 3)), i % 3 === 0 ? i % 11 : Number.POSITIVE_INFINITY];
      const stop = new AbortController();
      const asked = { ...request(prompt, wanted), topLogprobs: 0, signal: stop.signal };
      const { reason } = await engine.decode(asked, ({ id, logprob }) => {
        if (answers.add(i, id, logprob!) >= stopAt) stop.abort();
        return true;
      });
      if (reason === "stopped" && !stop.signal.aborted) lost++;
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  let wrong = 0;
  for (let i = 0; i < requests; i++) if (!(await isRight(engine, promptOf(i), answers.of(i)))) wrong++;
  return { requests, wrong, lost, third: quarters[2]!, last: quarters[3]! };
}

async function isRight(
  engine: TokenEngine,
  prompt: readonly number[],
  { ids, logprobs }: ReturnType<Answers["of"]>,
): Promise<boolean> {
  const alone = await engine.score(prompt, ids, new AbortController().signal);
  return logprobs.every((logprob, at) => Math.abs(logprob - alone[at]!) < TOLERANCE);
}

/**
 * Without what is garbage already: how much of that there is depends on when it was collected last. V8 gives the pages back
 * on another thread, a moment later, or keeps 30 MB of them for what comes.
 */
async function resident(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await setTimeout(50);
  }
  return Math.round(process.memoryUsage.rss() / 1e6);
}
