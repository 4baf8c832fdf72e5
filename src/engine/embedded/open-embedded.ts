/** A GGUF file -> a LanguageModel that runs in this process. Everything that can be refused is, before loading. */
import { basename } from "node:path";
import { InputError } from "../../errors.ts";
import { readGguf } from "../../gguf/read-gguf.ts";
import type { LanguageModel } from "../../spec/language-model.ts";
import { printable } from "../../util/printable.ts";
import { checkInteger } from "../generate-options.ts";
import { type AdapterOptions, readAdapters } from "./adapters.ts";
import {
  BATCH_SIZE,
  chooseDevice,
  cpuLibrariesFor,
  type DeviceOptions,
  layersOnGpu,
} from "./choose-device.ts";
import { EmbeddedModel } from "./embedded-model.ts";
import { KV_TYPES } from "./llama.ts";
import { chooseContextSize, estimateMemory, type KvType } from "./memory.ts";
import { readModelHeader } from "./model-header.ts";
import { promptRenderer } from "./prompt-renderer.ts";
import { tokenBytes } from "./token-bytes.ts";
import { outputsFor, sequencesFor, TokenEngine } from "./token-engine.ts";

export interface EmbeddedOptions extends DeviceOptions {
  /** In tokens, at most what the model was trained for. Default: as much of that as half of the free memory holds. */
  contextSize?: number;
  /** What the keys and values of the context are kept in: q8_0 takes half of f16's memory, q4_0 a quarter. Default f16. */
  kvType?: KvType;
  /** Answers that are written at once; they share the context. From 1 to 128. Default 16. */
  parallel?: number;
  /** LoRA; a request may choose among them (`adapters` of its options). Default: none. */
  adapters?: readonly AdapterOptions[];
  /** Default: the file's name without `.gguf`. */
  name?: string;
  /** Told once, when the model is there. What it throws closes the model again, and is thrown on. */
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
  /** At most. */
  threads: number;
  /** Layers that a GPU computes, of `layers`: the blocks, and the output. */
  gpuLayers: number;
  layers: number;
  /** Why a GPU that is there is not used. */
  gpuProblem: string | undefined;
}

export const DEFAULT_PARALLEL = 16;
/** llama.cpp takes no more sequences in a context: LLAMA_MAX_SEQ. */
const MAX_SEQUENCES = 256;
const MAX_PARALLEL = Math.floor(MAX_SEQUENCES / sequencesFor(1));

export async function openEmbedded(path: string, options: EmbeddedOptions = {}): Promise<LanguageModel> {
  const { engine, header, contextSize, loaded } = await openTokenEngine(path, options);
  const name = options.name ?? basename(path).replace(/\.gguf$/i, "");
  try {
    options.onLoad?.({ name, ...loaded });
  } catch (error) {
    // Nobody else could.
    await engine.close();
    throw error;
  }
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
  const { contextSize: asked, parallel = DEFAULT_PARALLEL, kvType = "f16" } = options;
  checkSharing(parallel, kvType);
  const file = readGguf(path);
  const adapters = readAdapters(options.adapters ?? [], file);
  const header = readModelHeader(file);
  for (const { weightBytes } of adapters) header.weightBytes += weightBytes;
  const device = await chooseDevice(header, options, cpuLibrariesFor(header));
  const { backend, gpuMemory, threads, available, near, ...batches } = device;
  const limits = { outputs: outputsFor(parallel), kvType };
  const contextSize = chooseContextSize(header, {
    ...limits,
    batchSize: BATCH_SIZE,
    contextSize: asked,
    available,
    near,
  });
  // llama.cpp takes no more at once than its context has cells, which are no fewer than 256.
  const size = { ...limits, contextSize, batchSize: Math.min(BATCH_SIZE, Math.max(256, contextSize)) };
  const { tokenizer } = header;
  const sequences = sequencesFor(parallel);
  const { total } = estimateMemory(header, size);
  const gpuLayers = layersOnGpu(header.headCountKv.length, total, gpuMemory);
  const shape = { ...size, sequences, threads: threads.most, gpuLayers, tokenizer };
  const model = await backend.load(path, { ...shape, adapters: adapters.map((one) => one.path) });
  const engine = new TokenEngine(model, {
    path,
    ...size,
    ...batches,
    parallel,
    threads,
    adapters,
  });
  const loaded = {
    contextSize,
    trained: header.contextLength,
    isAsked: asked !== undefined,
    available,
    kvType,
    memory: total,
    threads: threads.most,
    gpuLayers,
    layers: header.headCountKv.length + 1,
    gpuProblem: backend.gpuProblem,
  };
  return { engine, header, contextSize, loaded };
}

/** Threads are checked where the device is chosen, the context against what the model was trained for. */
function checkSharing(parallel: number, kvType: KvType): void {
  checkInteger("parallel", parallel, 1, MAX_PARALLEL);
  if (!Object.hasOwn(KV_TYPES, kvType)) {
    const known = Object.keys(KV_TYPES).join(", ");
    throw new InputError(`kvType is ${printable(String(kvType))} and must be one of ${known}`);
  }
}
