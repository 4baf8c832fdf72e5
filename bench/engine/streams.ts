/** Several callers at once, each with prompts of its own: how fast they are served together, and how long one waits. */

import { percentile } from "../statistics.ts";

/** One answer, of at most so many tokens; `onToken` is called for each as it comes. */
export type Stream = (prompt: number[], maxTokens: number, onToken: () => void) => Promise<void>;

export interface StreamFigures {
  /** Written by all together. */
  tokensPerSecond: number;
  /** Seconds to the first token that 95 % of the requests do not exceed. */
  firstToken: number;
}

export interface StreamsOptions {
  streams: number;
  /** Each one asks so often, the next time when its answer is there. */
  requests: number;
  maxTokens: number;
  newPrompt(): number[];
}

export async function runStreams(
  stream: Stream,
  { streams, requests, maxTokens, newPrompt }: StreamsOptions,
): Promise<StreamFigures> {
  let tokens = 0;
  const waits: number[] = [];
  const start = performance.now();
  await Promise.all(
    Array.from({ length: streams }, async () => {
      for (let i = 0; i < requests; i++) {
        const asked = performance.now();
        let isFirst = true;
        await stream(newPrompt(), maxTokens, () => {
          if (isFirst) waits.push(performance.now() - asked);
          isFirst = false;
          tokens++;
        });
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  return { tokensPerSecond: tokens / seconds, firstToken: percentile(waits, 0.95) / 1000 };
}
