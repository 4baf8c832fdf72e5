/** A GGUF file -> a LanguageModel that runs in this process. Everything that can be refused is, before loading. */
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { InputError } from "../../errors.ts";
import { readGguf } from "../../gguf/read-gguf.ts";
import type { LanguageModel } from "../../spec/language-model.ts";
import { type AdapterOptions, readAdapters } from "./adapters.ts";
import { type Backend, type GpuMemory, openBackend } from "./bindings.ts";
import { ThreadChoice, threadCandidates } from "./decoding/thread-choice.ts";
import { EmbeddedModel } from "./embedded-model.ts";
import { chooseContextSize, estimateMemory, type KvType } from "./memory.ts";
import { type ModelHeader, readModelHeader } from "./model-header.ts";
import { promptRenderer } from "./prompt-renderer.ts";
import { tokenBytes } from "./token-bytes.ts";
import { sequencesFor, TokenEngine } from "./token-engine.ts";

export interface EmbeddedOptions {
  /** In tokens, at most what the model was trained for. Default: 16384, less where the model or memory is smaller. */
  contextSize?: number;
  /**
   * Default: as many as were fastest of late, at most one for each physical core. Of two numbers of threads the last
   * digits of log-probabilities differ: a fixed one makes a run repeatable.
   */
  threads?: number;
  /** `auto`: where there is one and the model is large enough to gain from it. Default `auto`. */
  gpu?: boolean | "auto";
  /** What the keys and values of the context are kept in: q8_0 takes half of f16's memory, q4_0 a quarter. Default f16. */
  kvType?: KvType;
  /** Answers that are written at once; they share the context. Default 16. */
  parallel?: number;
  /** LoRA; a request may choose among them (`adapters` of its options). Default: none. */
  adapters?: readonly AdapterOptions[];
  /** Default: the file's name without `.gguf`. */
  name?: string;
}

const DEFAULT_PARALLEL = 16;
/** More requests that wait for a place are refused. */
export const MAX_WAITING = 256;

const MIB = 2 ** 20;
/** Tokens at once of a small model that are one thread's work. */
const ALONE = 8;
/** Tokens evaluated at once, which is what an abort waits for: on a CPU, 512 are no faster than 64 (32 are slower). */
export const CPU_BATCH = 64;
const GPU_BATCH = 512;

export async function openEmbedded(path: string, options: EmbeddedOptions = {}): Promise<LanguageModel> {
  const { engine, header, contextSize } = await openTokenEngine(path, options);
  return new EmbeddedModel({
    name: options.name ?? basename(path).replace(/\.gguf$/i, ""),
    contextSize,
    engine,
    tokens: header.tokens,
    bytesOf: tokenBytes(header),
    render: promptRenderer(header),
  });
}

/** The token level alone. */
export async function openTokenEngine(path: string, options: EmbeddedOptions = {}) {
  checkThreads(options);
  const file = readGguf(path);
  const adapters = readAdapters(options.adapters ?? [], file);
  const header = readModelHeader(file);
  for (const { weightBytes } of adapters) header.weightBytes += weightBytes;
  const { backend, gpuMemory, threads, batchSize, available } = await chooseDevice(header, options);
  const { contextSize: asked, kvType = "f16" } = options;
  const contextSize = chooseContextSize(header, { contextSize: asked, batchSize, kvType, available });
  const { tokenizer } = header;
  const parallel = options.parallel ?? DEFAULT_PARALLEL;
  const sequences = sequencesFor(parallel);
  const { total } = estimateMemory(header, { contextSize, batchSize, kvType });
  const gpuLayers = layersOnGpu(header.headCountKv.length, total, gpuMemory);
  const shape = { contextSize, batchSize, sequences, threads: threads.most, gpuLayers, kvType, tokenizer };
  const model = await backend.load(path, { ...shape, adapters: adapters.map((one) => one.path) });
  const limits = { contextSize, batchSize, parallel, maxWaiting: MAX_WAITING };
  const engine = new TokenEngine(model, { path, ...limits, threads, adapters });
  return { engine, header, contextSize };
}

export function checkThreads({ threads }: Pick<EmbeddedOptions, "threads">): void {
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1 || threads > 1024))
    throw new InputError(`threads is ${threads} and must be a whole number from 1 to 1024`);
}

/** Where a model is to run, how many tokens it takes at once there, and the bytes that there are for it. */
export async function chooseDevice(
  header: Pick<ModelHeader, "weightBytes">,
  options: Pick<EmbeddedOptions, "threads" | "gpu">,
) {
  const wanted = options.gpu ?? "auto";
  const gpu = wanted === "auto" && header.weightBytes < 256 * MIB ? false : wanted;
  const backend = await openBackend(gpu);
  const gpuMemory = await backend.gpuMemory();
  return {
    backend,
    gpuMemory,
    threads: threadsFor(header, backend, options, gpuMemory !== undefined),
    batchSize: gpuMemory === undefined ? CPU_BATCH : GPU_BATCH,
    // Where the GPU computes in the machine's own memory, what it has free is the same.
    available: process.availableMemory() + (gpuMemory && !gpuMemory.isUnified ? gpuMemory.free : 0),
  };
}

/** As many blocks, and the output, as fit with a tenth to spare. `total`: bytes that the model takes with its context. */
export function layersOnGpu(blocks: number, total: number, memory: GpuMemory): number {
  if (memory === undefined) return 0;
  const layers = blocks + 1;
  return memory.isUnified ? layers : Math.min(layers, Math.floor((0.9 * layers * memory.free) / total));
}

/**
 * A token of a small model is computed in less time than threads take to wait for each other at every tensor: measured on
 * two cores, 0.25 ms with one thread; and on two shared ones 10.5 ms with one, 21 with two, 454 with four. One thread
 * also makes its answers repeatable. With more tokens, and for larger models, what is fastest is found out as it runs.
 */
function threadsFor(
  { weightBytes }: Pick<ModelHeader, "weightBytes">,
  { mathCores }: Backend,
  { threads }: Pick<EmbeddedOptions, "threads">,
  onGpu: boolean,
): ThreadChoice {
  if (threads !== undefined) return new ThreadChoice([threads]);
  const cores = Math.max(1, Math.min(mathCores, availableParallelism()));
  const isSmall = weightBytes < 64 * MIB;
  const start = isSmall ? 1 : weightBytes < 512 * MIB ? Math.min(2, cores) : cores;
  if (onGpu) return new ThreadChoice([start]);
  return new ThreadChoice(threadCandidates(cores), start, isSmall ? { alone: ALONE, patience: 2 } : {});
}
