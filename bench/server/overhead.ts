/** What HTTP costs on top of an engine: the same answers of a model that takes no time, by a call and over a port. */

import { Corpora } from "../../src/rag/corpora.ts";
import { createApp } from "../../src/server/create-app.ts";
import { listen } from "../../src/server/listen.ts";
import type { GenerateChunk, LanguageModel } from "../../src/spec/language-model.ts";
import { median } from "../statistics.ts";
import { chat, newAgent } from "./clients.ts";

export interface Overhead {
  /** Milliseconds of a request with one token, in all. */
  request: number;
  /** Microseconds of each further token. */
  token: number;
}

const TOKENS = 4000;
const TIMES = 100;

/** Time on the clock, of server and client together: what the layer itself takes is less. */
export async function measureOverhead(): Promise<Overhead> {
  const app = createApp({
    model: () => instantModel,
    corpora: new Corpora({
      open: async () => {
        throw new Error("there are none");
      },
    }),
    isLocal: true,
  });
  const listening = await listen(app, { host: "127.0.0.1", port: 0 });
  const agent = newAgent(1);
  const over = async (tokens: number) => {
    const body = { messages: [{ role: "user", content: "a" }], max_tokens: tokens };
    const start = performance.now();
    const answer = await chat(listening.url.replace(/\/$/, ""), body, agent);
    if (answer.tokens !== tokens) throw new Error(`${answer.tokens} tokens came of ${tokens}`);
    return performance.now() - start;
  };
  const direct = async (tokens: number) => {
    const start = performance.now();
    for await (const _ of instantModel.generate({ messages: [] }, { maxTokens: tokens }));
    return performance.now() - start;
  };
  const times = async (run: (tokens: number) => Promise<number>, tokens: number, count: number) => {
    const all: number[] = [];
    for (let i = 0; i < count; i++) all.push(await run(tokens));
    return median(all);
  };
  await times(over, 1, TIMES);
  await times(over, TOKENS, 3);
  const request = (await times(over, 1, TIMES)) - (await times(direct, 1, TIMES));
  const long = (await times(over, TOKENS, 9)) - (await times(direct, TOKENS, 9));
  agent.destroy();
  await listening.stop(0);
  return { request, token: (1000 * (long - request)) / (TOKENS - 1) };
}

/** As many tokens as are asked for, each in a turn of its own, as an engine's come. */
const instantModel: LanguageModel = {
  name: "instant",
  contextSize: 100_000,
  async *generate(_prompt, { maxTokens = 1 } = {}): AsyncGenerator<GenerateChunk> {
    for (let i = 0; i < maxTokens; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      yield { text: " слово", tokens: [] };
    }
    const usage = { promptTokens: 1, completionTokens: maxTokens, reusedTokens: 0 };
    yield { text: "", tokens: [], finishReason: "length", usage };
  },
  score: async () => [],
  close: async () => {},
};
