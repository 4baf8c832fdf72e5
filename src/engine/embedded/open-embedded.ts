/** A GGUF file -> a LanguageModel that runs in this process. Everything that can be refused is, before loading. */
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { InputError } from "../../errors.ts";
import { readGguf } from "../../gguf/read-gguf.ts";
import type { LanguageModel } from "../../spec/language-model.ts";
import { type Backend, type GpuMemory, openBackend } from "./bindings.ts";
import { EmbeddedModel } from "./embedded-model.ts";
import { chooseContextSize, estimateMemory, type KvType } from "./memory.ts";
import { type ModelHeader, readModelHeader } from "./model-header.ts";
import { promptRenderer } from "./prompt-renderer.ts";
import { tokenBytes } from "./token-bytes.ts";
import { sequencesFor, TokenEngine } from "./token-engine.ts";

export interface EmbeddedOptions {
  /** In tokens, at most what the model was trained for. Default: as much of that as half of the free memory holds. */
  contextSize?: number;
  /** Default: by the size of the model, at most one for each physical core. */
  threads?: number;
  /** `auto`: where there is one and the model is large enough to gain from it. Default `auto`. */
  gpu?: boolean | "auto";
  /** What the keys and values of the context are kept in: q8_0 takes half of f16's memory, q4_0 a quarter. Default f16. */
  kvType?: KvType;
  /** Answers that are written at once; they share the context. Default 16. */
  parallel?: number;
  /** Default: the file's name without `.gguf`. */
  name?: string;
  /** Told once, when the model is there. */
  onLoad?: (loaded: LoadedModel) => void;
}

/** What was chosen for a model, and why. */
export interface LoadedModel {
  name: string;
  /** In tokens; `trained`: what the model was made for. */
  contextSize: number;
  trained: number;
  /** Somebody asked for that context; else it was chosen by what was free. */
  isAsked: boolean;
  /** Bytes that were free before. */
  available: number;
  kvType: KvType;
  /** Bytes of weights, context and buffers, as estimated. */
  memory: number;
  threads: number;
  /** Layers that a GPU computes, of `layers`: the blocks, and the output. */
  gpuLayers: number;
  layers: number;
}

const DEFAULT_PARALLEL = 16;
/** More requests that wait for a place are refused. */
const MAX_WAITING = 256;

const MIB = 2 ** 20;
/** Tokens evaluated at once, which is what an abort waits for: on a CPU, 512 are no faster than 64 (32 are slower). */
export const CPU_BATCH = 64;
const GPU_BATCH = 512;

export async function openEmbedded(path: string, options: EmbeddedOptions = {}): Promise<LanguageModel> {
  const { engine, header, contextSize, loaded } = await openTokenEngine(path, options);
  const name = options.name ?? basename(path).replace(/\.gguf$/i, "");
  options.onLoad?.({ name, ...loaded });
  return new EmbeddedModel({
    name,
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
  const header = readModelHeader(readGguf(path));
  const { backend, gpuMemory, threads, batchSize, available, near } = await chooseDevice(header, options);
  const { contextSize: asked, kvType = "f16" } = options;
  const contextSize = chooseContextSize(header, { contextSize: asked, batchSize, kvType, available, near });
  const { tokenizer } = header;
  const parallel = options.parallel ?? DEFAULT_PARALLEL;
  const sequences = sequencesFor(parallel);
  const { total } = estimateMemory(header, { contextSize, batchSize, kvType });
  const gpuLayers = layersOnGpu(header.headCountKv.length, total, gpuMemory);
  const shape = { contextSize, batchSize, sequences, threads, gpuLayers, kvType, tokenizer };
  const model = await backend.load(path, shape);
  const engine = new TokenEngine(model, { path, batchSize, parallel, maxWaiting: MAX_WAITING });
  const loaded = {
    contextSize,
    trained: header.contextLength,
    isAsked: asked !== undefined,
    available,
    kvType,
    memory: total,
    threads,
    gpuLayers,
    layers: header.headCountKv.length + 1,
  };
  return { engine, header, contextSize, loaded };
}

export function checkThreads({ threads }: Pick<EmbeddedOptions, "threads">): void {
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1 || threads > 1024))
    throw new InputError(`threads is ${threads} and must be a whole number from 1 to 1024`);
}

/** Where a model is to run, how many tokens it takes at once there, and the bytes that there are for it, in all and there. */
export async function chooseDevice(
  header: Pick<ModelHeader, "weightBytes">,
  options: Pick<EmbeddedOptions, "threads" | "gpu">,
) {
  const wanted = options.gpu ?? "auto";
  const gpu = wanted === "auto" && header.weightBytes < 256 * MIB ? false : wanted;
  const backend = await openBackend(gpu);
  const gpuMemory = await backend.gpuMemory();
  // Where the GPU computes in the machine's own memory, what it has free is the same.
  const ownMemory = gpuMemory?.isUnified ? undefined : gpuMemory?.free;
  const machine = process.availableMemory();
  return {
    backend,
    gpuMemory,
    threads: options.threads ?? threadsFor(header, backend),
    batchSize: gpuMemory === undefined ? CPU_BATCH : GPU_BATCH,
    available: machine + (ownMemory ?? 0),
    // A wide context is not worth that blocks go back to the processor for it.
    near: ownMemory ?? machine,
  };
}

/** As many blocks, and the output, as fit with a tenth to spare. `total`: bytes that the model takes with its context. */
export function layersOnGpu(blocks: number, total: number, memory: GpuMemory): number {
  if (memory === undefined) return 0;
  const layers = blocks + 1;
  return memory.isUnified ? layers : Math.min(layers, Math.floor((0.9 * layers * memory.free) / total));
}

/**
 * Small models lose more by waiting for each other's threads at every tensor than they gain: measured on two shared
 * cores, 10.5 ms a token with one thread, 21 with two, 454 with four.
 */
function threadsFor({ weightBytes }: Pick<ModelHeader, "weightBytes">, { mathCores }: Backend): number {
  const cores = Math.max(1, Math.min(mathCores, availableParallelism()));
  if (weightBytes < 64 * MIB) return 1;
  return weightBytes < 512 * MIB ? Math.min(2, cores) : cores;
}
