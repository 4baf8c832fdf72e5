/**
 * llama.cpp's C functions, as much of them as the engine uses, called through koffi. The only place that knows their
 * signatures; written from include/llama.h of the release inside node-llama-cpp, whose version is checked first.
 */
import { loadLibrary } from "../../tensor/ggml/load-library.ts";
import { findLibrary, locateLibraries } from "../../tensor/ggml/locate-libraries.ts";
import type { KvType } from "./memory.ts";

/** An address in native memory; 0 or null for none. */
export type Pointer = bigint;

/** `ggml_type` numbers of what a KV cache may be kept in. */
export const KV_TYPES: Readonly<Record<KvType, number>> = { f16: 1, q4_0: 2, q8_0: 8 };

/** The fields of `llama_model_params` that we set. */
export interface ModelParams {
  n_gpu_layers: number;
  check_tensors: boolean;
  kv_overrides: Uint8Array | null;
}

/** The fields of `llama_context_params` that we set. */
export interface ContextParams {
  n_ctx: number;
  n_batch: number;
  n_ubatch: number;
  n_seq_max: number;
  n_outputs_max: number;
  n_threads: number;
  n_threads_batch: number;
  pooling_type: number;
  flash_attn_type: number;
  type_k: number;
  type_v: number;
  embeddings: boolean;
  offload_kqv: boolean;
  kv_unified: boolean;
}

/** Arrays of one value a token, in memory that llama.cpp made: writing to them is filling the batch. */
export interface Batch {
  readonly native: { n_tokens?: number };
  readonly token: Int32Array;
  readonly position: Int32Array;
  readonly sequence: readonly Int32Array[];
  /** 1 where logits, or the state, are wanted. */
  readonly output: Int8Array;
}

/** In native memory: some megabytes to some hundred, which are not to wait for a garbage collector. */
export interface SavedState {
  readonly at: Pointer;
  readonly bytes: number;
}

export interface Llama {
  loadModel(path: string, params: ModelParams): Promise<Pointer>;
  freeModel(model: Pointer): void;
  /** LoRA; null where it is none of this model. It goes with the model. */
  loadAdapter(model: Pointer, path: string): Promise<Pointer | null>;
  vocabulary(model: Pointer): Pointer;
  vocabularySize(vocabulary: Pointer): number;
  bos(vocabulary: Pointer): number;
  eos(vocabulary: Pointer): number;
  separator(vocabulary: Pointer): number;
  prependsBos(vocabulary: Pointer): boolean;
  appendsEos(vocabulary: Pointer): boolean;
  endsGeneration(vocabulary: Pointer, token: number): boolean;
  embeddingSize(model: Pointer): number;
  /** Whether a sequence holds a state that cannot go back, instead of a cell a token. */
  isRecurrent(model: Pointer): boolean;
  /** Fills `tokens`, and returns how many there are; minus their number where there is no room. */
  tokenize(vocabulary: Pointer, text: Uint8Array, tokens: Int32Array, special: boolean): number;
  newContext(model: Pointer, params: ContextParams): Promise<Pointer>;
  freeContext(context: Pointer): void;
  /** What all decodes to come are computed with, each adapter times its scale; one of 0 is left out. */
  setAdapters(context: Pointer, adapters: readonly Pointer[], scales: readonly number[]): void;
  memory(context: Pointer): Pointer;
  newBatch(tokens: number): Batch;
  freeBatch(batch: Batch): void;
  setThreads(context: Pointer, threads: number): void;
  /**
   * On a thread of its own, and until a GPU has computed it. 0 for success, 1 where no cells are left, 2 if interrupted, else
   * an error; see llama.h.
   */
  decode(context: Pointer, batch: Batch, tokens: number): Promise<number>;
  /** On this thread: a step of a millisecond would take longer to go to another one and back. */
  decodeHere(context: Pointer, batch: Batch, tokens: number): number;
  /**
   * Ends the decode that is under way, within a tensor: its cells are as if it had not begun. Nothing where a sequence
   * cannot go back, or a GPU computes.
   */
  interrupt(context: Pointer): void;
  /** Of the last decode, a row for each output, in their order. Gone with the next decode. */
  logits(context: Pointer, rows: number, vocabularySize: number): Float32Array;
  /** Likewise of a context with `embeddings`, where each token is an output: states after the final norm. */
  states(context: Pointer, rows: number, size: number): Float32Array;
  /** Forgets all sequences, and sets every cell to zero. */
  clear(memory: Pointer): void;
  /** False where the architecture cannot go back. */
  removeFrom(memory: Pointer, sequence: number, position: number): boolean;
  /** Shares the cells up to `end`. */
  copyPrefix(memory: Pointer, from: number, to: number, end: number): void;
  /** A copy of all that a sequence holds; undefined where there is no memory for it. To be freed. */
  saveSequence(context: Pointer, sequence: number): SavedState | undefined;
  /** In place of what it held. False where too few cells are free: it is empty then. */
  loadSequence(context: Pointer, sequence: number, state: SavedState): boolean;
  freeState(state: SavedState): void;
  newSampler(): Pointer;
  freeSampler(sampler: Pointer): void;
  copySampler(sampler: Pointer): Pointer;
  addToChain(chain: Pointer, sampler: Pointer): void;
  greedy(): Pointer;
  distribution(seed: number): Pointer;
  topK(k: number): Pointer;
  topP(p: number): Pointer;
  minP(p: number): Pointer;
  temperature(t: number): Pointer;
  penalties(vocabularySize: number, last: number, repeat: number): Pointer;
  /** Null where the grammar is no valid GBNF. */
  grammar(vocabulary: Pointer, gbnf: string): Pointer | null;
  /** `candidates`: a `llama_token_data_array`. */
  apply(sampler: Pointer, candidates: Candidates): void;
  accept(sampler: Pointer, token: number): void;
  newCandidates(vocabularySize: number): Candidates;
}

/** What a sampler chooses from: (id, logit, p) triples of 32 bits each, in native memory. */
export interface Candidates {
  readonly ids: Int32Array;
  readonly floats: Float32Array;
  /** How many there are, and which was selected (-1: none); `apply` changes them. */
  size: number;
  selected: number;
}

/** What a context gave last, where it lies, and a copy where there has to be one. */
interface Rows {
  at: Pointer;
  view: Float32Array;
  copy: Float32Array | undefined;
}

/** `poll` of ggml.h: threads sleep between steps, so that a core is free for the one that hands the next step over. */
const POLL = 0;

type Koffi = typeof import("koffi")["default"];

const opened = new Map<string, Promise<Llama>>();
/** koffi knows a type by its name, once in a process. */
let hasStructs = false;

/** `gpu`: the kind of device that node-llama-cpp has started for; its libraries are loaded then, and this finds them. */
export function openLlama(gpu: string | false): Promise<Llama> {
  const key = String(gpu);
  let llama = opened.get(key);
  if (!llama) {
    llama = open(gpu);
    opened.set(key, llama);
  }
  return llama;
}

async function open(gpu: string | false): Promise<Llama> {
  const koffi = (await import("koffi")).default;
  const { folder, base, registry } = locateLibraries(gpu);
  const library = loadLibrary(koffi, findLibrary(folder, "llama"));
  if (!hasStructs) declareStructs(koffi);
  hasStructs = true;
  const f = (declaration: string) => library.func(declaration);
  const pointer = (name: string, args: string) => f(`void* ${name}(${args})`);

  const modelDefaults = f("llama_model_params llama_model_default_params()")() as object;
  const contextDefaults = f("llama_context_params llama_context_default_params()")() as object;
  const load = f("void* llama_model_load_from_file(const char* path, llama_model_params p)");
  const loadAdapter = f("void* llama_adapter_lora_init(void* model, const char* path)");
  const setAdapters = f(
    "int32_t llama_set_adapters_lora(void* c, const void* adapters, size_t n, const void* scales)",
  );
  const init = f("void* llama_init_from_model(void* model, llama_context_params p)");
  const batchInit = f("llama_batch llama_batch_init(int32_t n, int32_t embd, int32_t seqs)");
  const batchFree = f("void llama_batch_free(llama_batch b)");
  const freeContext = f("void llama_free(void* c)");
  const decode = f("int32_t llama_decode(void* context, llama_batch b)");
  const synchronize = f("void llama_synchronize(void* context)");
  const setAbortCallback = f("void llama_set_abort_callback(void* c, void* callback, void* data)");
  const getLogits = pointer("llama_get_logits", "void* context");
  const getStates = pointer("llama_get_embeddings", "void* context");
  const tokenize = f(
    "int32_t llama_tokenize(void* v, const void* text, int32_t length, _Out_ int32_t* tokens, int32_t max, bool add, bool special)",
  );
  const clearMemory = f("void llama_memory_clear(void* m, bool data)");
  const removeRange = f("bool llama_memory_seq_rm(void* m, int32_t s, int32_t from, int32_t to)");
  const copyRange = f("void llama_memory_seq_cp(void* m, int32_t from, int32_t to, int32_t p0, int32_t p1)");
  const stateSize = f("size_t llama_state_seq_get_size(void* c, int32_t s)");
  const getState = f("size_t llama_state_seq_get_data(void* c, void* to, size_t n, int32_t s)");
  const setState = f("size_t llama_state_seq_set_data(void* c, const void* from, size_t n, int32_t s)");
  const chainInit = f("void* llama_sampler_chain_init(llama_sampler_chain_params p)");
  const topP = pointer("llama_sampler_init_top_p", "float p, size_t keep");
  const minP = pointer("llama_sampler_init_min_p", "float p, size_t keep");
  const penalties = pointer(
    "llama_sampler_init_penalties",
    "int32_t vocabulary, int32_t last, float repeat, float frequency, float presence",
  );
  const grammar = pointer("llama_sampler_init_grammar", "void* v, const char* gbnf, const char* root");
  const apply = f("void llama_sampler_apply(void* s, _Inout_ llama_token_data_array* c)");
  const setThreads = f("void llama_set_n_threads(void* c, int32_t threads, int32_t threads_batch)");
  const isRecurrent = f("bool llama_model_is_recurrent(void* m)");
  const isHybrid = f("bool llama_model_is_hybrid(void* m)");
  const cannotGoBack = (model: Pointer) => isRecurrent(model) || isHybrid(model);
  const isEmpty = loadLibrary(koffi, base).symbol("ggml_is_empty") as Pointer;
  const brakes = new Map<Pointer, Brake>();
  /** Of each context, by their numbers of threads. */
  const pools = new Map<Pointer, Map<number, Pointer>>();
  const { newPool, freePool } = threadPools(koffi, base, registry);
  const attachPool = f("void llama_attach_threadpool(void* c, void* pool, void* pool_batch)");
  /** Threads of a larger pool would be woken by each step of a smaller number; a pool that is not attached sleeps. */
  const useThreads = (context: Pointer, threads: number) => {
    const own = pools.get(context)!;
    const pool = own.get(threads) ?? newPool(threads);
    own.set(threads, pool);
    attachPool(context, pool, pool);
    setThreads(context, threads, threads);
  };
  const views = new WeakMap<object, unknown>();
  /** A context gives either logits or states. */
  const lastRows = new Map<Pointer, Rows>();
  const rowsOf = (get: (context: Pointer) => unknown) => (context: Pointer, rows: number, size: number) => {
    const at = get(context) as Pointer;
    const length = rows * size;
    let last = lastRows.get(context);
    if (!last || last.at !== at || last.view.length < length) {
      const view = new Float32Array(koffi.view(at, 4 * length));
      last = { at, view, copy: gpu === false ? undefined : new Float32Array(length) };
      lastRows.set(context, last);
    }
    // Memory that a GPU writes to may not be cached: reading it number by number takes longer than computing it.
    last.copy?.set(last.view.subarray(0, length));
    return last.copy ?? last.view;
  };

  return {
    loadModel: (path, params) => later(load, path, { ...modelDefaults, ...params }) as Promise<Pointer>,
    freeModel: f("void llama_model_free(void* m)"),
    loadAdapter: (model, path) => later(loadAdapter, model, path) as Promise<Pointer | null>,
    vocabulary: pointer("llama_model_get_vocab", "void* m"),
    vocabularySize: f("int32_t llama_vocab_n_tokens(void* v)"),
    bos: f("int32_t llama_vocab_bos(void* v)"),
    eos: f("int32_t llama_vocab_eos(void* v)"),
    separator: f("int32_t llama_vocab_sep(void* v)"),
    prependsBos: f("bool llama_vocab_get_add_bos(void* v)"),
    appendsEos: f("bool llama_vocab_get_add_eos(void* v)"),
    endsGeneration: f("bool llama_vocab_is_eog(void* v, int32_t token)"),
    embeddingSize: f("int32_t llama_model_n_embd_out(void* m)"),
    isRecurrent: cannotGoBack,
    tokenize: (vocabulary, text, tokens, special) =>
      tokenize(vocabulary, text, text.length, tokens, tokens.length, false, special),
    async newContext(model, params) {
      const context = (await later(init, model, { ...contextDefaults, ...params })) as Pointer;
      if (!context) return context;
      pools.set(context, new Map());
      useThreads(context, params.n_threads);
      if (!cannotGoBack(model)) {
        const brake = newBrake(koffi);
        setAbortCallback(context, isEmpty, brake.tensor);
        brakes.set(context, brake);
      }
      return context;
    },
    freeContext: (context) => {
      lastRows.delete(context);
      freeContext(context);
      for (const pool of pools.get(context)!.values()) freePool(pool);
      pools.delete(context);
      koffi.free(brakes.get(context)?.tensor ?? null);
      brakes.delete(context);
    },
    setAdapters: (context, adapters, scales) =>
      setAdapters(context, BigUint64Array.from(adapters), adapters.length, Float32Array.from(scales)),
    memory: pointer("llama_get_memory", "void* c"),
    newBatch: (tokens) => viewBatch(koffi, batchInit(tokens, 0, 1), tokens),
    freeBatch: (batch) => batchFree(batch.native),
    setThreads: useThreads,
    async decode(context, { native }, tokens) {
      native.n_tokens = tokens;
      brakes.get(context)?.release();
      const status = (await later(decode, context, native)) as number;
      // A GPU has only been told what to do: reading the logits would wait for it, on the thread that serves everybody.
      if (gpu !== false) await later(synchronize, context);
      return status;
    },
    decodeHere: (context, { native }, tokens) => {
      native.n_tokens = tokens;
      brakes.get(context)?.release();
      const status = decode(context, native) as number;
      if (gpu !== false) synchronize(context);
      return status;
    },
    interrupt: (context) => brakes.get(context)?.pull(),
    logits: rowsOf(getLogits),
    states: rowsOf(getStates),
    clear: (memory) => clearMemory(memory, true),
    removeFrom: (memory, sequence, position) => removeRange(memory, sequence, position, -1),
    copyPrefix: (memory, from, to, end) => copyRange(memory, from, to, 0, end),
    saveSequence(context, sequence) {
      const bytes = Number(stateSize(context, sequence));
      const at = allocate(koffi, bytes);
      if (!at) return undefined;
      if (Number(getState(context, at, bytes, sequence)) === bytes) return { at, bytes };
      koffi.free(at);
      return undefined;
    },
    loadSequence: (context, sequence, { at, bytes }) =>
      Number(setState(context, at, bytes, sequence)) === bytes,
    freeState: ({ at }) => koffi.free(at),
    newSampler: () => chainInit({ no_perf: true }),
    freeSampler: f("void llama_sampler_free(void* s)"),
    copySampler: pointer("llama_sampler_clone", "void* s"),
    addToChain: f("void llama_sampler_chain_add(void* chain, void* s)"),
    greedy: pointer("llama_sampler_init_greedy", ""),
    distribution: pointer("llama_sampler_init_dist", "uint32_t seed"),
    topK: pointer("llama_sampler_init_top_k", "int32_t k"),
    topP: (p) => topP(p, 1),
    minP: (p) => minP(p, 1),
    temperature: pointer("llama_sampler_init_temp", "float t"),
    penalties: (size, last, repeat) => penalties(size, last, repeat, 0, 0),
    grammar: (vocabulary, gbnf) => grammar(vocabulary, gbnf, "root"),
    apply(sampler, candidates) {
      const array = views.get(candidates) as Record<string, unknown>;
      array.size = candidates.size;
      array.selected = -1;
      array.sorted = false;
      apply(sampler, array);
      candidates.size = Number(array.size);
      candidates.selected = Number(array.selected);
    },
    accept: f("void llama_sampler_accept(void* s, int32_t token)"),
    newCandidates(vocabularySize) {
      const data = new ArrayBuffer(12 * vocabularySize);
      const candidates = { ids: new Int32Array(data), floats: new Float32Array(data), size: 0, selected: -1 };
      views.set(candidates, { data, size: 0, selected: -1, sorted: false });
      return candidates;
    },
  };
}

/**
 * Threads that stay, and sleep until the next graph: without OpenMP llama.cpp would else start new ones for every step, and
 * end them after it.
 */
function threadPools(koffi: Koffi, base: string, registry: string) {
  const find = loadLibrary(koffi, registry).func("void* ggml_backend_reg_by_name(const char* name)");
  const baseLibrary = loadLibrary(koffi, base);
  const addressOf = baseLibrary.func("void* ggml_backend_reg_get_proc_address(void* reg, const char* name)");
  const setDefaults = baseLibrary.func("void ggml_threadpool_params_init(void* p, int n_threads)");
  const cpu = find("CPU") as Pointer;
  const make = koffi.decode(addressOf(cpu, "ggml_threadpool_new"), koffi.proto("void*", ["void*"]));
  const free = koffi.decode(addressOf(cpu, "ggml_threadpool_free"), koffi.proto("void", ["void*"]));
  return {
    newPool(threads: number): Pointer {
      // `struct ggml_threadpool_params` of ggml.h: 512 flags, then n_threads, prio, poll, two flags.
      const params = new DataView(new ArrayBuffer(528));
      setDefaults(params, threads);
      params.setUint32(520, POLL, true);
      return make(params) as Pointer;
    },
    freePool: free as (pool: Pointer) => void,
  };
}

/** What ends a decode that is under way. */
interface Brake {
  readonly tensor: Pointer;
  pull(): void;
  release(): void;
}

/**
 * llama.cpp asks between two tensors whether to go on, on threads where no JavaScript runs. `ggml_is_empty` answers it,
 * asked of a tensor of ours (`struct ggml_tensor` of ggml.h: four sizes from byte 16 on), which is made empty.
 */
function newBrake(koffi: Koffi): Brake {
  const bytes = 512;
  const tensor = koffi.alloc("uint8_t", bytes) as Pointer;
  const sizes = new BigInt64Array(koffi.view(tensor, bytes), 16, 4).fill(1n);
  return { tensor, pull: () => sizes.fill(0n), release: () => sizes.fill(1n) };
}

/** undefined where there is no memory for it. koffi counts what is allocated with 31 bits: by eight bytes that is 16 GB. */
function allocate(koffi: Koffi, bytes: number): Pointer | undefined {
  try {
    return koffi.alloc("uint64_t", Math.ceil(bytes / 8)) as Pointer;
  } catch {
    return undefined;
  }
}

/** On koffi's worker threads. */
function later(call: { async: (...given: unknown[]) => void }, ...given: unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) =>
    call.async(...given, (error: unknown, result: unknown) => (error ? reject(error) : resolve(result))),
  );
}

function viewBatch(koffi: Koffi, native: Record<string, Pointer>, tokens: number): Batch {
  const at = (field: string, bytes: number) => koffi.view(native[field], bytes * tokens);
  new Int32Array(at("n_seq_id", 4)).fill(1);
  return {
    native,
    token: new Int32Array(at("token", 4)),
    position: new Int32Array(at("pos", 4)),
    sequence: Array.from(
      new BigUint64Array(at("seq_id", 8)),
      (address) => new Int32Array(koffi.view(address, 4)),
    ),
    output: new Int8Array(at("logits", 1)),
  };
}

function declareStructs(koffi: Koffi): void {
  const struct = (name: string, fields: Record<string, string>) => koffi.struct(name, fields);
  struct("llama_model_params", {
    devices: "void*",
    tensor_buft_overrides: "void*",
    n_gpu_layers: "int32_t",
    split_mode: "int",
    load_mode: "int",
    lazy_mode: "int",
    main_gpu: "int32_t",
    tensor_split: "void*",
    progress_callback: "void*",
    progress_callback_user_data: "void*",
    kv_overrides: "void*",
    vocab_only: "bool",
    check_tensors: "bool",
    use_extra_bufts: "bool",
    no_host: "bool",
    no_alloc: "bool",
    load_mtp: "bool",
  });
  struct("llama_context_params", {
    n_ctx: "uint32_t",
    n_batch: "uint32_t",
    n_ubatch: "uint32_t",
    n_seq_max: "uint32_t",
    n_rs_seq: "uint32_t",
    n_outputs_max: "uint32_t",
    n_outputs_max_per_seq: "uint32_t",
    n_threads: "int32_t",
    n_threads_batch: "int32_t",
    ctx_type: "int",
    rope_scaling_type: "int",
    pooling_type: "int",
    attention_type: "int",
    flash_attn_type: "int",
    rope_freq_base: "float",
    rope_freq_scale: "float",
    yarn_ext_factor: "float",
    yarn_attn_factor: "float",
    yarn_beta_fast: "float",
    yarn_beta_slow: "float",
    yarn_orig_ctx: "uint32_t",
    defrag_thold: "float",
    cb_eval: "void*",
    cb_eval_user_data: "void*",
    type_k: "int",
    type_v: "int",
    abort_callback: "void*",
    abort_callback_data: "void*",
    embeddings: "bool",
    offload_kqv: "bool",
    no_perf: "bool",
    op_offload: "bool",
    swa_full: "bool",
    kv_unified: "bool",
    samplers: "void*",
    n_samplers: "size_t",
    ctx_other: "void*",
  });
  struct("llama_batch", {
    n_tokens: "int32_t",
    token: "void*",
    embd: "void*",
    pos: "void*",
    n_seq_id: "void*",
    seq_id: "void*",
    logits: "void*",
  });
  struct("llama_sampler_chain_params", { no_perf: "bool" });
  struct("llama_token_data_array", { data: "void*", size: "size_t", selected: "int64_t", sorted: "bool" });
}
