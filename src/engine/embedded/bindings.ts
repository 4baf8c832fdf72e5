/**
 * The only place that loads node-llama-cpp: a checked path in, a loaded model and its native context out. Below the
 * library's own sequences, since they cannot give raw logits under a grammar, nor batch; hence the exact version in
 * package.json. Knows no prompts and no options of ours.
 */
import { setTimeout } from "node:timers/promises";
import type { Llama, LlamaContext, LlamaModel } from "node-llama-cpp";
import { InputError, VikhrError } from "../../errors.ts";

/** Settings of one sampler; what is left out is off. */
export interface SamplerConfig {
  /** 0 picks the most likely token. */
  temperature: number;
  topK?: number;
  topP?: number;
  minP?: number;
  /** An unsigned 32-bit number; 2^32 - 1 would mean "random". */
  seed?: number;
  repeatPenalty?: number;
  repeatPenaltyMaxTokens?: number;
  /** Tokens which count as recent from the start; the sampler adds those it picks. */
  repeatPenaltyTokens?: Uint32Array;
  grammarEvaluationState?: object;
}

export interface NativeSampler {
  applyConfig(config: SamplerConfig): void;
  dispose(): void;
}

/** `[tokens, includeMax, includeMin, includeSelected, includeTop]`; includeMax is broken in the addon. */
export type LogitFilter = [number[], false, false, boolean, number];

/** `[token, probabilities, confidence, logits, totalLogitWeight]`; logits as token, value, token, value, ... */
export type SampledLogits = [number, undefined, number | undefined, number[], number];

/** llama.cpp's context, one call a decode; positions and sequences are the caller's to keep right. */
export interface NativeContext {
  initBatch(size: number): void;
  /** Returns, for each of `logitIndexes` (places within `tokens`), the index to sample at. */
  addToBatch(
    sequence: number,
    firstPosition: number,
    tokens: Uint32Array,
    logitIndexes: Uint32Array,
  ): Uint32Array;
  decodeBatch(): Promise<void>;
  sampleToken(index: number, sampler: NativeSampler): Promise<number>;
  sampleToken(
    index: number,
    sampler: NativeSampler,
    probabilities: false,
    confidence: false,
    filter: LogitFilter,
    totalLogitWeight: true,
  ): Promise<SampledLogits>;
  /** Forgets positions from `start` up to `end` (-1: all further); false where the architecture cannot. */
  removeTokenCellsFromSequence(sequence: number, start: number, end: number): boolean;
}

/** The same where it gives vectors; all tokens have to be asked for, and the sequence must be 0. */
export interface NativeEmbeddingContext
  extends Pick<NativeContext, "initBatch" | "addToBatch" | "decodeBatch" | "removeTokenCellsFromSequence"> {
  /** Pooled over the tokens of the last decode; `tokens` is their number, and must not be 0. */
  getEmbedding(tokens: number): Float64Array;
}

interface NativeModelHandle {
  tokenize(text: string, specialTokens: boolean): Uint32Array;
  isEogToken(token: number): boolean;
  shouldPrependBosToken(): boolean;
  shouldAppendEosToken(): boolean;
}

interface NativeModule {
  AddonSampler: new (model: NativeModelHandle) => NativeSampler;
  AddonGrammar: new (grammar: string, options: { addonExports: object; rootRuleName: string }) => object;
  AddonGrammarEvaluationState: new (model: NativeModelHandle, grammar: object) => object;
}

export interface NativeModel {
  readonly context: NativeContext;
  readonly bos: number | undefined;
  readonly prependsBos: boolean;
  /** Synchronous: about a second for a million characters. */
  tokenize(text: string, special: boolean): Uint32Array;
  endsGeneration(token: number): boolean;
  createSampler(config: SamplerConfig, grammar?: string): NativeSampler;
  dispose(): Promise<void>;
}

export interface NativeEmbedder {
  readonly context: NativeEmbeddingContext;
  /** Length of a vector. */
  readonly dimension: number;
  /** Tokens that the model wants before and after each text. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** Spellings of control tokens are plain text. Synchronous: about a second for a million characters. */
  tokenize(text: string): Uint32Array;
  dispose(): Promise<void>;
}

export interface LoadOptions {
  /** In tokens; rounded up to a multiple of 256 by llama.cpp. */
  contextSize: number;
  /** The most tokens that one decode takes. */
  batchSize: number;
  threads: number;
  gpu: boolean | "auto";
}

export interface LoadEmbedderOptions extends LoadOptions {
  /** Header values to be put in place of the file's own, by architecture and key. */
  overrides: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Bytes, and whether they are the machine's own; `undefined` where there is no GPU to use. */
export type GpuMemory = { free: number; total: number; isUnified: boolean } | undefined;

export interface Backend {
  /** What computes besides the processor: `cuda`, `vulkan`, `metal`; false for nothing. */
  readonly gpu: string | false;
  /** What the GPU offers, where one is to be used. */
  gpuMemory(): Promise<GpuMemory>;
  /** Cores that are worth a thread: physical ones, without efficiency cores. */
  readonly mathCores: number;
  load(path: string, options: LoadOptions): Promise<NativeModel>;
  loadEmbedder(path: string, options: LoadEmbedderOptions): Promise<NativeEmbedder>;
}

const MAX_LOG_LINES = 20;
/** llama.cpp's log lines come from other threads: how long to wait for the last ones, in milliseconds. */
const LOG_DELAY = 20;

/** The latest errors that llama.cpp logged; it has one log in a process. */
const log: string[] = [];
/** Starting the library takes about a second, once in a process and kind of device. */
const backends = new Map<boolean | "auto", Promise<Backend>>();

export function openBackend(gpu: boolean | "auto"): Promise<Backend> {
  let backend = backends.get(gpu);
  if (!backend) {
    backend = startBackend(gpu);
    backend.catch(() => backends.delete(gpu));
    backends.set(gpu, backend);
  }
  return backend;
}

async function startBackend(gpu: boolean | "auto"): Promise<Backend> {
  const library = await import("node-llama-cpp");
  let llama: Llama;
  try {
    llama = await library.getLlama({
      gpu: gpu === true ? { type: "auto", exclude: [false] } : gpu,
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
    if (gpu === true)
      throw new InputError("there is no GPU that can be used here: leave it out, or use the CPU", { cause });
    throw new VikhrError(`llama.cpp does not start here: ${firstLine(cause)}`, { cause });
  }
  return {
    gpu: llama.gpu,
    mathCores: llama.cpuMathCores,
    async gpuMemory() {
      if (llama.gpu === false) return undefined;
      const { free, total, unifiedSize } = await llama.getVramState();
      return { free, total, isUnified: unifiedSize > 0 };
    },
    load: (path, options) => load(llama, path, options, {}, (model, context) => wrap(llama, model, context)),
    loadEmbedder: (path, options) =>
      // The library's own embedding context forgets the first token of XLM-RoBERTa and shrinks unasked.
      load(llama, path, options, { _embeddings: true }, wrapEmbedder),
  };
}

/** `hidden`: options of the library's own, which its types leave out. */
async function load<T>(
  llama: Llama,
  path: string,
  options: LoadOptions & Partial<LoadEmbedderOptions>,
  hidden: { _embeddings?: true },
  wrapped: (model: LlamaModel, context: LlamaContext) => T,
): Promise<T> {
  log.length = 0;
  let model: LlamaModel | undefined;
  try {
    model = await llama.loadModel({
      modelPath: path,
      ...(llama.gpu === false || options.gpu === false ? { gpuLayers: 0 } : {}),
      // Refuses weights that are not finite; reads the whole file once.
      checkTensors: true,
      // What fits was decided before.
      ignoreMemorySafetyChecks: true,
      ...(options.overrides ? { metadataOverrides: options.overrides } : {}),
    });
    const context = await model.createContext({
      ...hidden,
      contextSize: options.contextSize,
      sequences: 1,
      batchSize: options.batchSize,
      threads: options.threads,
      failedCreationRemedy: false,
      ignoreMemorySafetyChecks: true,
    });
    return wrapped(model, context);
  } catch (cause) {
    await model?.dispose();
    await setTimeout(LOG_DELAY);
    throw new InputError(`${path}: llama.cpp could not load it: ${reason(cause)}`, { cause });
  }
}

function wrap(llama: Llama, model: LlamaModel, context: LlamaContext): NativeModel {
  const isSentencePiece = model.fileInfo.metadata.tokenizer.ggml.model === "llama";
  const native = (llama as unknown as { _bindings: NativeModule })._bindings;
  const handle = (model as unknown as { _model: NativeModelHandle })._model;
  return {
    context: (context as unknown as { _ctx: NativeContext })._ctx,
    bos: model.tokens.bos ?? undefined,
    prependsBos: handle.shouldPrependBosToken(),
    // SentencePiece would put a space before each segment.
    tokenize: (text, special) =>
      isSentencePiece
        ? Uint32Array.from(model.tokenize(text, special, "trimLeadingSpace"))
        : handle.tokenize(text, special),
    endsGeneration: (token) => handle.isEogToken(token),
    createSampler(config, grammar) {
      const sampler = new native.AddonSampler(handle);
      if (grammar === undefined) sampler.applyConfig(config);
      else
        sampler.applyConfig({
          ...config,
          grammarEvaluationState: startGrammar(native, handle, grammar),
        });
      return sampler;
    },
    async dispose() {
      await context.dispose();
      await model.dispose();
    },
  };
}

/**
 * A text of BERT (WordPiece) and of XLM-RoBERTa (Unigram) always stands between two tokens, also where the header of
 * an old file does not ask for them; a decoder's as its header says.
 */
function wrapEmbedder(model: LlamaModel, context: LlamaContext): NativeEmbedder {
  const handle = (model as unknown as { _model: NativeModelHandle })._model;
  const { bos, eos, sep } = model.tokens;
  const kind = model.fileInfo.metadata.tokenizer.ggml.model;
  const isEncoder = kind === "bert" || kind === "t5";
  const end = kind === "bert" ? sep : eos;
  return {
    context: (context as unknown as { _ctx: NativeEmbeddingContext })._ctx,
    dimension: model.embeddingVectorSize,
    first: isEncoder || handle.shouldPrependBosToken() ? (bos ?? undefined) : undefined,
    last: isEncoder || handle.shouldAppendEosToken() ? (end ?? undefined) : undefined,
    tokenize: (text) => handle.tokenize(text, false),
    async dispose() {
      await context.dispose();
      await model.dispose();
    },
  };
}

function startGrammar(native: NativeModule, handle: NativeModelHandle, grammar: string): object {
  try {
    const parsed = new native.AddonGrammar(grammar, { addonExports: native, rootRuleName: "root" });
    return new native.AddonGrammarEvaluationState(handle, parsed);
  } catch (cause) {
    // Which rule is at fault llama.cpp prints on stderr, past its own log.
    throw new InputError(`the grammar is no valid GBNF: ${firstLine(cause)}`, { cause });
  }
}

/** What llama.cpp complained about: its lines end with ever less telling ones. Else what the library said. */
function reason(cause: unknown): string {
  const telling = log.findLast((line) => line.includes("error loading model: "));
  if (telling)
    return telling.slice(telling.indexOf("error loading model: ") + "error loading model: ".length);
  return log.findLast((line) => line !== "") ?? firstLine(cause);
}

function firstLine(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split("\n")[0]!;
}
