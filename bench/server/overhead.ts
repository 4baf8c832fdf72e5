/** What HTTP costs on top of an engine: the same answers of a model that takes no time, by a call and over a port. */

import { spawn } from "node:child_process";
import { Corpora } from "../../src/rag/corpora.ts";
import { createApp } from "../../src/server/create-app.ts";
import { listen } from "../../src/server/listen.ts";
import type { GenerateChunk, LanguageModel } from "../../src/spec/language-model.ts";
import { median } from "../statistics.ts";

export interface Overhead {
  /** Milliseconds of the clock from asking to the end of an answer of one token, beyond the engine's. */
  request: number;
  /** Microseconds of this process for each further token, beyond the engine's. */
  token: number;
}

const TOKENS = 20_000;
const TIMES = 200;

/** The client is a process of its own, which reads and does no more: what it takes is not the server's. */
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
  const over = (tokens: number, times: number) =>
    measured(() => readAnswers(`${listening.url}/v1/chat/completions`, tokens, times));
  const direct = (tokens: number, times: number) =>
    measured(async () => {
      for (let i = 0; i < times; i++)
        for await (const _ of instantModel.generate({ messages: [] }, { maxTokens: tokens }));
      return 0;
    });
  await over(1, TIMES);
  await over(TOKENS, 1);
  const { result: request } = await over(1, TIMES);
  const long = (await over(TOKENS, 5)).cpu - (await direct(TOKENS, 5)).cpu;
  await listening.stop(0);
  return { request, token: long / (5 * TOKENS) };
}

/** Microseconds of processor time of this process, besides what comes of it. */
async function measured<Result>(work: () => Promise<Result>): Promise<{ result: Result; cpu: number }> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, cpu: user + system };
}

/** Milliseconds that an answer took, the median of so many. */
async function readAnswers(url: string, tokens: number, times: number): Promise<number> {
  const child = spawn(process.execPath, ["-e", CLIENT, url, String(tokens), String(times)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const piece of child.stdout!) text += piece;
  return median(JSON.parse(text) as number[]);
}

const CLIENT = `
const http = require("node:http");
const [url, tokens, times] = process.argv.slice(1);
const body = JSON.stringify({ messages: [{ role: "user", content: "a" }], max_tokens: Number(tokens), stream: true });
const agent = new http.Agent({ keepAlive: true });
const ask = () => new Promise((resolve) => {
  const begun = performance.now();
  const asked = http.request(url, { method: "POST", agent, headers: { "content-type": "application/json" } }, (answer) => {
    answer.resume().on("end", () => resolve(performance.now() - begun));
  });
  asked.end(body);
});
(async () => {
  const all = [];
  for (let i = 0; i < Number(times); i++) all.push(await ask());
  agent.destroy();
  console.log(JSON.stringify(all));
})();
`;

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
