/** Ours and a peer in turns, A B A B: medians of each, and their ratio. */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import type { EmbeddedOptions } from "../../src/engine/embedded/open-embedded.ts";
import { openTokenEngine } from "../../src/engine/embedded/open-embedded.ts";
import type { TokenEngine } from "../../src/engine/embedded/token-engine.ts";
import { median } from "../statistics.ts";
import type { Peers } from "./build-peers.ts";
import { GPU_RUNS, LlamaServer, llamaBench, type PeerOptions, RUNS } from "./peers.ts";
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
/**
 * Not counted, as a first run of llama-bench is not: as many steps of either kind as pass before another number of threads is
 * tried first, and more; for so long that V8 compiles what each token of a small model goes through. A text is a little
 * shorter than the timed prompt: it touches nearly the same memory, and leaves its cells at the next request.
 */
const WARM_UP = { runs: 3, prompt: PREFILL - 32, maxTokens: 12, milliseconds: 1500 };
/** As many as llama-bench has of the same before the one that counts. */
const GPU_WARM_UP = { runs: GPU_RUNS - 1, prompt: PREFILL, maxTokens: DECODE, milliseconds: 0 };
/** Room for 16 of them, and no more than the shipped model has. */
const CONTEXT_SIZE = 4096;

export async function compareSpeed(place: Place, peers: Peers, rounds: number) {
  const ours: { prefill: number[]; decode: number[] } = { prefill: [], decode: [] };
  const theirs: typeof ours = { prefill: [], decode: [] };
  for (let round = 0; round < rounds; round++) {
    const { prefill, decode } = await llamaBench(peers.bench, peerOptions(place), {
      prefill: PREFILL,
      decode: DECODE,
    });
    theirs.prefill.push(prefill);
    ours.prefill.push(await withEngine(place, prefillSpeed));
    theirs.decode.push(decode);
    ours.decode.push(await withEngine(place, decodeSpeed));
  }
  return {
    prefill: comparison(ours.prefill, theirs.prefill, "tokens/s"),
    decode: comparison(ours.decode, theirs.decode, "tokens/s"),
  };
}

export async function compareStreams(place: Place, peers: Peers, streams: number, rounds: number) {
  const ours: StreamFigures[] = [];
  const theirs: StreamFigures[] = [];
  const { prompt, ...amount } = STREAM;
  const options = { ...amount, streams, newPrompt: () => newPrompt(prompt) };
  for (let round = 0; round < rounds; round++) {
    const size = { slots: streams, contextSize: CONTEXT_SIZE };
    const server = await LlamaServer.start(peers.server, { ...peerOptions(place), ...size });
    try {
      if (place.gpu) await runStreams(server.stream, options);
      theirs.push(await runStreams(server.stream, options));
    } finally {
      await server.stop();
    }
    ours.push(
      await withEngine(place, async (stream) => {
        if (place.gpu) await runStreams(stream, options);
        return runStreams(stream, options);
      }),
    );
  }
  const of = (what: keyof StreamFigures, unit: string) =>
    comparison(
      ours.map((one) => one[what]),
      theirs.map((one) => one[what]),
      unit,
    );
  return { speed: of("tokensPerSecond", "tokens/s"), wait: of("firstToken", "s") };
}

/** A core's whole time, until the program that started it ends, however it does. */
const BUSY = "while (process.ppid === Number(process.argv[1])) for (let i = 0; i < 1e8; i++);";

/** Ours while another program keeps a core busy; beside llama-bench, which fares so, too. */
export async function compareBusy(place: Place, peers: Peers, rounds: number): Promise<Comparison> {
  const busy = spawn(process.execPath, ["-e", BUSY, String(process.pid)], { stdio: "ignore" });
  try {
    return (await compareSpeed(place, peers, rounds)).decode;
  } finally {
    busy.kill();
  }
}

/**
 * A new one for each figure, so that little is remembered; as the peers do, it begins with runs that are not counted: the
 * number of threads is found out. On a GPU, where a batch of a new shape takes long the first time, streams run once before
 * they are timed, ours and the peer's.
 */
async function withEngine<Result>(
  { path, ...options }: Place,
  work: (stream: Stream) => Promise<Result>,
): Promise<Result> {
  const { engine } = await openTokenEngine(path, { ...options, contextSize: CONTEXT_SIZE });
  const stream = streamOf(engine);
  const { runs, prompt, maxTokens, milliseconds } = options.gpu ? GPU_WARM_UP : WARM_UP;
  const end = performance.now() + milliseconds;
  for (let i = 0; i < runs || performance.now() < end; i++)
    await stream(newPrompt(prompt), maxTokens, () => {});
  const result = await work(stream);
  await engine.close();
  return result;
}

async function prefillSpeed(stream: Stream): Promise<number> {
  const start = performance.now();
  let first = start;
  await stream(newPrompt(PREFILL), 1, () => (first = performance.now()));
  return (1000 * PREFILL) / (first - start);
}

async function decodeSpeed(stream: Stream): Promise<number> {
  const speeds: number[] = [];
  for (let run = 0; run < RUNS; run++) speeds.push(await speedOfAnswer(stream));
  return median(speeds);
}

/** Without the first token, which waits for the prompt. Where an answer ends early, further ones make up for it. */
async function speedOfAnswer(stream: Stream): Promise<number> {
  let [count, milliseconds] = [0, 0];
  while (count < DECODE) {
    let last: number | undefined;
    await stream(newPrompt(1), DECODE + 1 - count, () => {
      const now = performance.now();
      if (last !== undefined) {
        count++;
        milliseconds += now - last;
      }
      last = now;
    });
  }
  return (1000 * count) / milliseconds;
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
