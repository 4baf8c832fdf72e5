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
  /** Megabytes resident at half of the requests, and at the end. */
  half: number;
  end: number;
}

const AT_A_TIME = 16;
/**
 * Of log-probabilities. Weights of 8 bits are multiplied by other kernels in batches of other shapes: .34 apart was the
 * most that was seen, and .02 with weights of 32 bits. Another stream's would be nowhere near.
 */
const TOLERANCE = 0.7;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

interface Answer {
  /** Which request; its prompt is made again from it, so that what the answers take is not taken for a leak. */
  i: number;
  made: { id: number; logprob?: number }[];
}

const promptOf = (i: number) =>
  Array.from({ length: 8 + ((i * 37) % 300) }, (_, at) => 300 + ((at * (1 + (i % 7)) + i) % 1500));

export async function soak(engine: TokenEngine, requests: number): Promise<Soaked> {
  const answers: Answer[] = [];
  let [next, lost, half] = [0, 0, 0];
  const worker = async () => {
    while (next < requests) {
      const i = next++;
      if (i === Math.floor(requests / 2)) half = await resident();
      const prompt = promptOf(i);
      const [wanted, stopAt] = [4 + (i % 29), i % 3 === 0 ? i % 11 : Number.POSITIVE_INFINITY];
      const stop = new AbortController();
      const made: Answer["made"] = [];
      const asked = { ...request(prompt, wanted), topLogprobs: 0, signal: stop.signal };
      const { reason } = await engine.decode(asked, (token) => {
        made.push(token);
        if (made.length >= stopAt) stop.abort();
        return true;
      });
      if (reason === "stopped" && !stop.signal.aborted) lost++;
      answers.push({ i, made });
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  const end = await resident();
  let wrong = 0;
  for (const { i, made } of answers) if (!(await isRight(engine, promptOf(i), made))) wrong++;
  return { requests, wrong, lost, half, end };
}

async function isRight(
  engine: TokenEngine,
  prompt: readonly number[],
  made: Answer["made"],
): Promise<boolean> {
  const ids = made.map(({ id }) => id);
  const alone = await engine.score(prompt, ids, new AbortController().signal);
  return made.every(({ logprob }, at) => Math.abs(logprob! - alone[at]!) < TOLERANCE);
}

/**
 * Without what is garbage already: how much of that there is depends on when it was collected last. V8 gives the pages back
 * on another thread, a moment later.
 */
async function resident(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await setTimeout(50);
  }
  return Math.round(process.memoryUsage.rss() / 1e6);
}
