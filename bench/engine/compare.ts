/** Ours and a peer in turns, A B A B: medians of each, and their ratio. */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import type { EmbeddedOptions } from "../../src/engine/embedded/open-embedded.ts";
import { openTokenEngine } from "../../src/engine/embedded/open-embedded.ts";
import type { TokenEngine } from "../../src/engine/embedded/token-engine.ts";
import { median } from "../statistics.ts";
import type { Peers } from "./build-peers.ts";
import { LlamaServer, llamaBench, type PeerOptions } from "./peers.ts";
import { newPrompt, request } from "./requests.ts";
import { runStreams, type Stream, type StreamFigures } from "./streams.ts";

export interface Place extends Pick<EmbeddedOptions, "threads" | "gpu"> {
  path: string;
}

export interface Comparison {
  /** Ours over the peer's. */
  figure: number;
  detail: string;
}

const PREFILL = 512;
const DECODE = 128;
/** Of each stream: tokens of a prompt and of an answer, and how often it asks. */
const STREAM = { prompt: 64, maxTokens: 32, requests: 2 };
/** Room for 16 of them, and no more than the shipped model has. */
const CONTEXT_SIZE = 4096;

export async function compareSpeed(place: Place, peers: Peers, rounds: number) {
  const ours: { prefill: number; decode: number }[] = [];
  const theirs: typeof ours = [];
  const amount = { prefill: PREFILL, decode: DECODE };
  for (let round = 0; round < rounds; round++) {
    theirs.push(await llamaBench(peers.bench, peerOptions(place), amount));
    ours.push(await withEngine(place, speedOf));
  }
  const of = (what: "prefill" | "decode") =>
    comparison(
      ours.map((one) => one[what]),
      theirs.map((one) => one[what]),
      "tokens/s",
    );
  return { prefill: of("prefill"), decode: of("decode") };
}

export async function compareStreams(place: Place, peers: Peers, streams: number, rounds: number) {
  const ours: StreamFigures[] = [];
  const theirs: StreamFigures[] = [];
  const { prompt, ...amount } = STREAM;
  const options = { ...amount, streams, newPrompt: () => newPrompt(prompt) };
  for (let round = 0; round < rounds; round++) {
    const size = { slots: streams, contextSize: CONTEXT_SIZE };
    const server = await LlamaServer.start(peers.server, { ...peerOptions(place), ...size });
    theirs.push(await runStreams(server.stream, options));
    await server.stop();
    ours.push(await withEngine(place, (engine) => runStreams(streamOf(engine), options)));
  }
  const of = (what: keyof StreamFigures, unit: string) =>
    comparison(
      ours.map((one) => one[what]),
      theirs.map((one) => one[what]),
      unit,
    );
  return { speed: of("tokensPerSecond", "tokens/s"), wait: of("firstToken", "s") };
}

/** Ours while another program keeps a core busy; beside llama-bench, which fares so, too. */
export async function compareBusy(place: Place, peers: Peers, rounds: number): Promise<Comparison> {
  const busy = spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
  try {
    return (await compareSpeed(place, peers, rounds)).decode;
  } finally {
    busy.kill();
  }
}

/** llama-bench and llama-server begin with a run that is not counted: so does ours. */
async function withEngine<Result>(
  { path, ...options }: Place,
  work: (engine: TokenEngine) => Promise<Result>,
): Promise<Result> {
  const { engine } = await openTokenEngine(path, { ...options, contextSize: CONTEXT_SIZE });
  await streamOf(engine)(newPrompt(PREFILL), 2, () => {});
  const result = await work(engine);
  await engine.close();
  return result;
}

async function speedOf(engine: TokenEngine): Promise<{ prefill: number; decode: number }> {
  const stream = streamOf(engine);
  const start = performance.now();
  let [first, last, count] = [0, 0, 0];
  // Ends of turn aside, a model writes what is asked for; several answers make up for a short one.
  await stream(newPrompt(PREFILL), 1, () => (first = performance.now()));
  let seconds = 0;
  while (count < DECODE) {
    let began: number | undefined;
    await stream(newPrompt(1), DECODE + 1 - count, () => {
      last = performance.now();
      if (began === undefined) began = last;
      else count++;
    });
    if (began !== undefined) seconds += (last - began) / 1000;
  }
  return { prefill: (1000 * PREFILL) / (first - start), decode: count / seconds };
}

const streamOf =
  (engine: TokenEngine): Stream =>
  async (prompt, maxTokens, onToken) => {
    await engine.decode(request(prompt, maxTokens), () => {
      onToken();
      return true;
    });
  };

function peerOptions({ path, threads, gpu }: Place): PeerOptions {
  return { model: path, threads: threads ?? availableParallelism(), onGpu: gpu === true };
}

function comparison(ours: readonly number[], theirs: readonly number[], unit: string): Comparison {
  const [our, their] = [median(ours), median(theirs)];
  return { figure: our / their, detail: `${our.toPrecision(3)} / ${their.toPrecision(3)} ${unit}` };
}
