/**
 * npm run bench -- engine [--model nano]
 *
 * What the embedded engine gains by batching and by evaluating once what requests have in common: the second step of an
 * answer, seven answers to one prompt, beams; and that two thousand requests, a third of them called off, leave no trace.
 * `--model` is a name or a GGUF file. Peers: not yet.
 */
import { parseArgs } from "node:util";
import { openTokenEngine } from "../src/engine/embedded/open-embedded.ts";
import type { DecodeRequest, TokenEngine } from "../src/engine/embedded/token-engine.ts";
import { resolveModel } from "../src/engine/registry/resolve-model.ts";
import { soak } from "./engine/soak.ts";
import { median } from "./median.ts";

/** Of a cold call's time to first token, the second step's; gain of seven at once; a beam step's time beside samples'. */
const BARS = { secondStep: 0.1, seven: 3, beams: 1.3 };

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      model: { type: "string", default: "nano" },
      rounds: { type: "string", default: "5" },
      requests: { type: "string", default: "2000" },
      json: { type: "boolean", default: false },
    },
  });
  const { path } = resolveModel(values.model);
  const rounds = Number(values.rounds);
  const { engine, contextSize } = await openTokenEngine(path);
  const longest = Math.min(2000, contextSize - 256);
  const figures = {
    model: values.model,
    secondStep: await ofRounds(rounds, () => secondStep(engine, longest)),
    seven: await ofRounds(rounds, (round) => sevenAtOnce(engine, longest, round)),
    beams: await ofRounds(rounds, (round) => beamsBesideSamples(engine, round)),
  };
  const soaked = await soak(engine, Number(values.requests));
  await engine.close();
  const missed = [
    ...(figures.secondStep > BARS.secondStep ? ["second step"] : []),
    ...(figures.seven < BARS.seven ? ["seven at once"] : []),
    ...(figures.beams > BARS.beams ? ["beams"] : []),
    ...(soaked.wrong + soaked.lost > 0 ? ["requests"] : []),
  ];
  if (values.json) console.log(JSON.stringify({ ...figures, ...soaked, missed }));
  else {
    const line = (what: string, value: string, bar: string) =>
      console.log(`${what.padEnd(66)} ${value.padStart(8)}   ${bar}`);
    line(
      `second step after ${longest} tokens: time to first token / cold`,
      figures.secondStep.toFixed(3),
      "at most 0.1",
    );
    line(
      `7 answers of 64 tokens to ${longest} at once: speed / one by one`,
      figures.seven.toFixed(2),
      "at least 3",
    );
    line("beam search of 4: time a token / 4 samples side by side", figures.beams.toFixed(2), "at most 1.3");
    line(
      `${soaked.requests} requests, 16 at a time, a third called off: wrong, lost`,
      `${soaked.wrong}, ${soaked.lost}`,
      "none",
    );
    line("resident at half of them, and at the end, MB", `${soaked.half}, ${soaked.end}`, "flat");
    console.log(missed.length === 0 ? "met" : `MISSED: ${missed.join(", ")}`);
  }
  if (missed.length > 0) process.exitCode = 1;
}

/** The median, each round beginning with a prompt of its own, so that nothing is known before. */
async function ofRounds(rounds: number, measure: (round: number) => Promise<number>): Promise<number> {
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) found.push(await measure(round));
  return median(found);
}

const GREEDY = { temperature: 0, topP: 1, topK: 0, minP: 0, repeatPenalty: 1, seed: 1 };

let prompts = 0;
function newPrompt(length: number): number[] {
  prompts++;
  return Array.from({ length }, (_, i) => 300 + ((i * 31 + prompts * 97) % 1500));
}

function request(prompt: readonly number[], maxTokens: number, seed?: number): DecodeRequest {
  const sampling = seed === undefined ? GREEDY : { ...GREEDY, temperature: 1, seed };
  const signal = new AbortController().signal;
  return { prompt, maxTokens, sampling, grammar: undefined, topLogprobs: undefined, signal };
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function secondStep(engine: TokenEngine, length: number): Promise<number> {
  const prompt = newPrompt(length);
  const made: number[] = [];
  const cold = await milliseconds(() => engine.decode(request(prompt, 1), ({ id }) => made.push(id) > 0));
  const second = [...prompt, ...made, ...newPrompt(13)];
  const warm = await milliseconds(() => engine.decode(request(second, 1), () => true));
  return warm / cold;
}

/** Tokens a second, the prompt's time included, as a ratio. */
async function sevenAtOnce(engine: TokenEngine, length: number, round: number): Promise<number> {
  const run = (prompt: readonly number[], seed: number) => {
    let count = 0;
    return engine.decode(request(prompt, 64, seed), () => ++count > 0).then(() => count);
  };
  let together = 0;
  const shared = newPrompt(length);
  const atOnce = await milliseconds(async () => {
    const counts = await Promise.all(Array.from({ length: 7 }, (_, i) => run(shared, 7 * round + i)));
    together = counts.reduce((a, b) => a + b, 0);
  });
  let apart = 0;
  const oneByOne = await milliseconds(async () => {
    // Each with a prompt of its own: what one has evaluated is no help to the next.
    for (let i = 0; i < 7; i++) apart += await run(newPrompt(length), 7 * round + i);
  });
  return together / atOnce / (apart / oneByOne);
}

async function beamsBesideSamples(engine: TokenEngine, round: number): Promise<number> {
  const tokens = 48;
  const prompt = newPrompt(64);
  let written = 0;
  const beams = await milliseconds(async () => {
    const options = { beams: 4, lengthPenalty: 0, earlyStopping: false, maxTokens: tokens };
    const { hypotheses } = await engine.beamSearch(
      { prompt, grammar: undefined, signal: new AbortController().signal },
      options,
      () => true,
    );
    written = hypotheses[0]!.tokens.length;
  });
  const other = newPrompt(64);
  const counts: number[] = [];
  const samples = await milliseconds(() =>
    Promise.all(
      [0, 1, 2, 3].map(async (i) => {
        counts[i] = 0;
        await engine.decode(request(other, tokens, 4 * round + i), () => ++counts[i]! > 0);
      }),
    ),
  );
  return beams / written / (samples / Math.max(...counts));
}
