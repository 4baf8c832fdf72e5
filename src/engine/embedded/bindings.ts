/**
 * A checked path in, a loaded model and its context out. node-llama-cpp gives the libraries and chooses the device; from
 * then on llama.cpp's own C functions are called (llama.ts), since its wrapper neither batches nor gives raw logits.
 */
import { setTimeout } from "node:timers/promises";
import type { Llama as Library, LlamaGpuType } from "node-llama-cpp";
import { InputError, VikhrError } from "../../errors.ts";
import { loadCpuLibrary } from "../../tensor/ggml/cpu-library.ts";
import { KV_TYPES, type Llama, openLlama, type Pointer } from "./llama.ts";
import type { KvType } from "./memory.ts";
import type { TokenizerKind } from "./model-header.ts";
import { NO_GPU, probeGpu } from "./probe-gpu.ts";

/** A model with its context. */
export interface NativeModel {
  readonly llama: Llama;
  readonly model: Pointer;
  readonly context: Pointer;
  readonly vocabulary: Pointer;
  readonly vocabularySize: number;
  readonly bos: number | undefined;
  readonly prependsBos: boolean;
  readonly isRecurrent: boolean;
  /** As `LoadOptions` names them. */
  readonly adapters: readonly Pointer[];
  /** Synchronous: about a second for a million characters. */
  tokenize(text: string, special: boolean): Int32Array;
  endsGeneration(token: number): boolean;
  dispose(): void;
}

/** Gives states instead of logits. */
export interface NativeEmbedder extends NativeModel {
  /** Length of a state. */
  readonly dimension: number;
  /** Tokens that the model wants before and after each text. */
  readonly first: number | undefined;
  readonly last: number | undefined;
}

export interface LoadOptions {
  /** In tokens, of all sequences together; rounded up to a multiple of 256 by llama.cpp. */
  contextSize: number;
  /** The most tokens that one decode takes. */
  batchSize: number;
  /** Of how many of them logits, or the states, can be wanted; no fewer than there are sequences. */
  outputs: number;
  /** How many sequences there are. */
  sequences: number;
  threads: number;
  /** Blocks that are computed there, the first ones; the output counts as one more. */
  gpuLayers: number;
  /** What keys and values are kept in. */
  kvType: KvType;
  tokenizer: TokenizerKind;
  /** Files of LoRA adapters, checked. Default: none. */
  adapters?: readonly string[];
}

/** Bytes, and whether they are the machine's own; `undefined` where there is no GPU to use. */
export type GpuMemory = { free: number; total: number; isUnified: boolean } | undefined;

export type GpuKind = Exclude<LlamaGpuType, false>;

export interface Backend {
  /** What computes besides the processor; false for nothing. */
  readonly gpu: GpuKind | false;
  /** Why a GPU that is there is not used. */
  readonly gpuProblem?: string;
  /** What the GPU offers, where one is to be used. */
  gpuMemory(): Promise<GpuMemory>;
  /** Cores that are worth a thread: physical ones, without efficiency cores. */
  readonly mathCores: number;
  load(path: string, options: LoadOptions): Promise<NativeModel>;
  loadEmbedder(path: string, options: LoadOptions): Promise<NativeEmbedder>;
}

const MAX_LOG_LINES = 20;
/** llama.cpp's log lines come from other threads: how long to wait for the last ones, in milliseconds. */
const LOG_DELAY = 20;

/** `llama_pooling_type`: what a text's states become is ours, and does not depend on what is evaluated beside it. */
const POOLING_NONE = 0;

/** `llama_flash_attn_type`; a KV cache that is not f16 needs it. */
const FLASH_ATTENTION = { auto: -1, on: 1 };

/** The latest errors that llama.cpp logged; it has one log in a process. */
const log: string[] = [];
/** Starting the library takes about a second, once in a process and kind of device. */
const backends = new Map<boolean | "auto", Promise<Backend>>();

/** `cpuLibraries`: the first of them that can be is loaded for the processor (cpu-library.ts), unless one is by now. */
export function openBackend(gpu: boolean | "auto", cpuLibraries: readonly string[] = []): Promise<Backend> {
  let backend = backends.get(gpu);
  if (!backend) {
    backend = chooseBackend(gpu, cpuLibraries);
    backend.catch(() => backends.delete(gpu));
    backends.set(gpu, backend);
  }
  return backend;
}

/** The first kind of GPU on which a model runs. */
async function chooseBackend(gpu: boolean | "auto", cpuLibraries: readonly string[]): Promise<Backend> {
  if (gpu === false) return startBackend(false, cpuLibraries);
  const { getLlamaGpuTypes } = await import("node-llama-cpp");
  const problems: string[] = [];
  for (const kind of await getLlamaGpuTypes("supported")) {
    if (kind === false) continue;
    const problem = await probeGpu(kind);
    if (problem === undefined) return startBackend(kind, cpuLibraries);
    if (problem !== NO_GPU) problems.push(`${kind}: ${problem}`);
  }
  const gpuProblem = problems.join("; ");
  if (gpu === "auto")
    return { ...(await startBackend(false, cpuLibraries)), ...(gpuProblem !== "" && { gpuProblem }) };
  const why = gpuProblem === "" ? "" : ` (${gpuProblem})`;
  throw new InputError(`there is no GPU that can be used here${why}: leave it out, or use the CPU`);
}

export async function startBackend(
  gpu: GpuKind | false,
  cpuLibraries: readonly string[] = [],
): Promise<Backend> {
  await loadCpuLibrary(cpuLibraries, gpu);
  const library = await startLibrary(gpu);
  const llama = await openLlama(library.gpu);
  return {
    gpu: library.gpu,
    mathCores: library.cpuMathCores,
    async gpuMemory() {
      if (library.gpu === false) return undefined;
      const { free, total, unifiedSize } = await library.getVramState();
      return { free, total, isUnified: unifiedSize > 0 };
    },
    load: (path, options) => load(llama, path, options, { embeddings: false }),
    async loadEmbedder(path, options) {
      const model = await load(llama, path, options, { embeddings: true });
      return { ...model, ...endsOf(llama, model, options.tokenizer) };
    },
  };
}

async function startLibrary(gpu: GpuKind | false): Promise<Library> {
  const library = await import("node-llama-cpp");
  try {
    return await library.getLlama({
      gpu,
      build: "never",
      skipDownload: true,
      progressLogs: false,
      // llama.cpp speaks a page for each model: only its errors are kept, and only the latest.
      logLevel: library.LlamaLogLevel.error,
      logger: (_level, message) => {
        log.push(message.trim());
        log.splice(0, log.length - MAX_LOG_LINES);
      },
      maxThreads: 0,
    });
  } catch (cause) {
    throw new VikhrError(`llama.cpp does not start here: ${firstLine(cause)}`, { cause });
  }
}

async function load(
  llama: Llama,
  path: string,
  options: LoadOptions,
  { embeddings }: { embeddings: boolean },
): Promise<NativeModel> {
  const fail = async (file = path) => {
    await setTimeout(LOG_DELAY);
    return new InputError(`${file}: llama.cpp could not load it: ${reason()}`);
  };
  log.length = 0;
  const model = await llama.loadModel(path, {
    n_gpu_layers: options.gpuLayers,
    // Refuses weights that are not finite; reads the whole file once.
    check_tensors: true,
    // SentencePiece would put a space before each segment.
    kv_overrides:
      options.tokenizer === "llama" ? boolOverride("tokenizer.ggml.add_space_prefix", false) : null,
  });
  if (!model) throw await fail();
  // Before the context, which counts them when it makes room for its graphs.
  const adapters: Pointer[] = [];
  for (const file of options.adapters ?? []) {
    const adapter = await llama.loadAdapter(model, file);
    if (!adapter) {
      llama.freeModel(model);
      throw await fail(file);
    }
    adapters.push(adapter);
  }
  const context = await llama.newContext(model, {
    n_ctx: options.contextSize,
    n_batch: options.batchSize,
    n_ubatch: options.batchSize,
    n_seq_max: options.sequences,
    n_outputs_max: options.outputs,
    n_threads: options.threads,
    n_threads_batch: options.threads,
    pooling_type: POOLING_NONE,
    flash_attn_type: options.kvType === "f16" ? FLASH_ATTENTION.auto : FLASH_ATTENTION.on,
    type_k: KV_TYPES[options.kvType],
    type_v: KV_TYPES[options.kvType],
    embeddings,
    offload_kqv: options.gpuLayers > 0,
    kv_unified: true,
  });
  if (!context) {
    llama.freeModel(model);
    throw await fail();
  }
  const vocabulary = llama.vocabulary(model);
  const bos = llama.bos(vocabulary);
  return {
    llama,
    model,
    context,
    vocabulary,
    vocabularySize: llama.vocabularySize(vocabulary),
    bos: bos < 0 ? undefined : bos,
    prependsBos: llama.prependsBos(vocabulary),
    isRecurrent: llama.isRecurrent(model),
    adapters,
    tokenize: (text, special) => tokenize(llama, vocabulary, text, special),
    endsGeneration: (token) => llama.endsGeneration(vocabulary, token),
    dispose() {
      llama.freeContext(context);
      llama.freeModel(model);
    },
  };
}

function tokenize(llama: Llama, vocabulary: Pointer, text: string, special: boolean): Int32Array {
  const bytes = Buffer.from(text);
  // No token is shorter than a byte, and SentencePiece may put one before.
  const tokens = new Int32Array(bytes.length + 2);
  return tokens.subarray(0, llama.tokenize(vocabulary, bytes, tokens, special));
}

/**
 * A text of BERT (WordPiece) and of XLM-RoBERTa (Unigram) always stands between two tokens, also where the header of
 * an old file does not ask for them; a decoder's as its header says.
 */
function endsOf(llama: Llama, { model, vocabulary, bos, prependsBos }: NativeModel, kind: TokenizerKind) {
  const isEncoder = kind === "bert" || kind === "t5";
  const end = kind === "bert" ? llama.separator(vocabulary) : llama.eos(vocabulary);
  return {
    dimension: llama.embeddingSize(model),
    first: isEncoder || prependsBos ? bos : undefined,
    last: (isEncoder || llama.appendsEos(vocabulary)) && end >= 0 ? end : undefined,
  };
}

/** Two of `llama_model_kv_override`, the second one empty, which ends the list. */
function boolOverride(key: string, value: boolean): Uint8Array {
  const [size, keyAt, valueAt, boolTag] = [264, 4, 136, 2];
  const bytes = new Uint8Array(2 * size);
  new DataView(bytes.buffer).setInt32(0, boolTag, true);
  bytes.set(Buffer.from(key), keyAt);
  bytes[valueAt] = Number(value);
  return bytes;
}

/** What llama.cpp complained about: its lines end with ever less telling ones. */
function reason(): string {
  const mark = /.*(error loading model|failed to apply lora adapter): /s;
  const telling = log.findLast((line) => mark.test(line));
  if (telling) return telling.replace(mark, "");
  return log.findLast((line) => line !== "") ?? "it does not say why";
}

function firstLine(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split("\n")[0]!;
}
