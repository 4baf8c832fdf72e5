/**
 * npm run bench -- engine
 *
 * The embedded engine beside llama-bench and llama-server, built from the same source, in turns: prompts, single answers,
 * up to 16 streams. Then what it gains by evaluating once what requests have in common, and two thousand requests, a third
 * of them called off. On a Llama of 1B random weights in Q4_0, which is made here, and on the shipped model. Ours computes
 * with what `vikhr compile` has made, where it has: the peers are compiled on the machine as well.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openTokenEngine } from "../src/engine/embedded/open-embedded.ts";
import type { TokenEngine } from "../src/engine/embedded/token-engine.ts";
import { resolveModel } from "../src/engine/registry/resolve-model.ts";
import { compiledLibrary } from "../src/tensor/ggml/compiled/compiled-library.ts";
import { makeFolder } from "../src/util/make-folder.ts";
import { buildPeers, type Peers } from "./engine/build-peers.ts";
import { compareBusy, compareSpeed, compareStreams, type Place } from "./engine/compare.ts";
import { writeRandomLlama } from "./engine/random-llama.ts";
import { beamsBesideSamples, secondStep, sevenAtOnce } from "./engine/sharing.ts";
import { soak } from "./engine/soak.ts";
import { median } from "./statistics.ts";

const RANDOM = "random-1b";
const STREAMS = [1, 4, 8, 16];
/** Tokens of six documents of 4,000 characters of English, and of a prompt with seven answers. */
const SIX_DOCUMENTS = 6000;
const SHARED_PROMPT = 2000;

/** A line of the table: what was measured, the figure, and what it has to be. */
interface Line {
  what: string;
  figure: number;
  bar: { least: number } | { most: number };
  detail?: string;
}

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      models: { type: "string", default: `${RANDOM},nano` },
      rounds: { type: "string", default: "3" },
      /** Of the soak, which runs on models that are no larger than the shipped one. */
      requests: { type: "string", default: "2000" },
      /** Of ours and of the peers. Default: ours chooses, and the peers get as many as there are cores. */
      threads: { type: "string" },
      gpu: { type: "boolean", default: false },
      /** Where the peers are built, and the random model written. */
      cache: { type: "string", default: join(homedir(), ".cache", "vikhr-bench") },
      json: { type: "boolean", default: false },
    },
  });
  const models = values.models.split(",");
  if (models.length > 1) return oneByOne(models, args);
  const model = models[0]!;
  const rounds = Number(values.rounds);
  makeFolder(values.cache);
  const peers = await buildPeers(join(values.cache, "peers"), (text) => process.stderr.write(`${text}\n`));
  const place = { gpu: values.gpu, ...(values.threads && { threads: Number(values.threads) }) };
  const missed: string[] = [];
  const path = await pathOf(model, values.cache);
  const library = compiledLibrary() === undefined ? "as npm has it" : "compiled here (vikhr compile)";
  if (!values.json) console.log(`\n${model}, ours by llama.cpp ${library}`);
  const report = (line: Line) => {
    if (isMissed(line)) missed.push(`${model}: ${line.what}`);
    print(line, values.json ? model : undefined);
  };
  if (peers) await besidePeers({ ...place, path }, peers, rounds, report);
  await alone({ ...place, path }, model === RANDOM ? 0 : Number(values.requests), rounds, report);
  if (!values.json) console.log(missed.length === 0 ? "\nall met" : `\nMISSED\n${missed.join("\n")}`);
  if (missed.length > 0) process.exitCode = 1;
}

/** Each in a process of its own, since the first model of a process decides which of llama.cpp's libraries computes. */
async function oneByOne(models: readonly string[], args: readonly string[]): Promise<void> {
  for (const model of models) {
    const bench = [process.argv[1]!, "engine", ...args, "--models", model];
    const child = spawn(process.execPath, [...process.execArgv, ...bench], { stdio: "inherit" });
    const [code] = await once(child, "exit");
    if (code !== 0) process.exitCode = 1;
  }
}

async function pathOf(model: string, cache: string): Promise<string> {
  if (model !== RANDOM) return resolveModel(model).path;
  const path = join(cache, `${RANDOM}-q4_0.gguf`);
  await writeRandomLlama(path);
  return path;
}

async function besidePeers(
  place: Place,
  peers: Peers,
  rounds: number,
  report: (line: Line) => void,
): Promise<void> {
  const { prefill, decode } = await compareSpeed(place, peers, rounds);
  report({ what: "prompt of 512: speed / llama-bench's", bar: { least: 0.97 }, ...prefill });
  report({ what: "128 tokens one by one: speed / llama-bench's", bar: { least: 0.97 }, ...decode });
  const busy = await compareBusy(place, peers, rounds);
  report({ what: "the same beside a busy core: speed / llama-bench's", bar: { least: 1 }, ...busy });
  for (const streams of STREAMS) {
    const { speed, wait } = await compareStreams(place, peers, streams, rounds);
    report({ what: `${streams} streams: tokens/s / llama-server's`, bar: { least: 1 }, ...speed });
    report({ what: `${streams} streams: p95 to first token / llama-server's`, bar: { most: 1 }, ...wait });
  }
}

async function alone(
  { path, ...options }: Place,
  requests: number,
  rounds: number,
  report: (line: Line) => void,
): Promise<void> {
  const { engine, contextSize } = await openTokenEngine(path, options);
  const fitting = (length: number) => Math.min(length, contextSize - 256);
  const figure = await ofRounds(rounds, () => secondStep(engine, fitting(SIX_DOCUMENTS)));
  report({
    what: `second step after ${fitting(SIX_DOCUMENTS)} tokens: time to first token / cold`,
    figure,
    bar: { most: 0.1 },
  });
  const length = fitting(SHARED_PROMPT);
  report({
    what: `7 answers of 64 tokens to ${length} at once: speed / one by one`,
    figure: await ofRounds(rounds, (round) => sevenAtOnce(engine, length, round)),
    bar: { least: 3 },
  });
  report({
    what: "beam search of 4: time of a step / 4 samples side by side",
    figure: await ofRounds(rounds, (round) => beamsBesideSamples(engine, round)),
    bar: { most: 1.3 },
  });
  if (requests > 0) await reportSoak(engine, requests, report);
  await engine.close();
}

async function reportSoak(
  engine: TokenEngine,
  requests: number,
  report: (line: Line) => void,
): Promise<void> {
  const { wrong, lost, third, last } = await soak(engine, requests);
  const what = `${requests} requests, 16 at a time, a third called off`;
  report({ what: `${what}: wrong`, figure: wrong, bar: { most: 0 } });
  report({ what: `${what}: lost`, figure: lost, bar: { most: 0 } });
  report({
    what: "resident, least of their last quarter / of the third",
    figure: last / third,
    bar: { most: 1.02 },
    detail: `${third} to ${last} MB`,
  });
}

/** The median, each round beginning with a prompt of its own, so that nothing is known before. */
async function ofRounds(rounds: number, measure: (round: number) => Promise<number>): Promise<number> {
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) found.push(await measure(round));
  return median(found);
}

const isMissed = ({ figure, bar }: Line) => ("least" in bar ? !(figure >= bar.least) : !(figure <= bar.most));

function print(line: Line, model: string | undefined): void {
  const { what, figure, bar, detail } = line;
  if (model !== undefined) {
    console.log(JSON.stringify({ model, ...line, missed: isMissed(line) }));
    return;
  }
  const wanted = "least" in bar ? `at least ${bar.least}` : `at most ${bar.most}`;
  const verdict = isMissed(line) ? "MISSED" : "";
  console.log(
    `${what.padEnd(66)} ${String(Number(figure.toFixed(3))).padStart(7)}   ${wanted.padEnd(14)} ${verdict.padEnd(7)} ${detail ?? ""}`,
  );
}
