/**
 * ggml's C functions, as much of them as training uses, called through koffi. The only place that knows C
 * signatures; written from the headers of the llama.cpp release inside node-llama-cpp (see locate-libraries.ts).
 */
import { VikhrError } from "../../errors.ts";
import { type ExecutableMemory, openExecutableMemory } from "../jit/executable-memory.ts";
import type { Shape } from "../tensor.ts";
import { silenceLog } from "./cpu-library.ts";
import { loadLibrary } from "./load-library.ts";
import { locateLibraries } from "./locate-libraries.ts";

/** An address in native memory. */
export type Pointer = bigint;

/** `ggml_type` numbers. */
export const GGML_TYPE = { f32: 0, i32: 26, i64: 27 } as const;

/** `GGML_N_TASKS_MAX`. */
const ALL_THREADS = -1;

/** The result of `ggml_graph_view`, a C struct by value. */
export type GraphView = { readonly __graphView: true };

export interface Ggml {
  init(size: number): Pointer;
  free(context: Pointer): void;
  newTensor(context: Pointer, type: number, ne0: number, ne1: number, ne2: number, ne3: number): Pointer;
  matmul(c: Pointer, a: Pointer, b: Pointer): Pointer;
  /** Row n of b with the matrix of a that `ids` [1, n] names; b [K, 1, N]. */
  matmulId(c: Pointer, a: Pointer, b: Pointer, ids: Pointer): Pointer;
  outProd(c: Pointer, a: Pointer, b: Pointer): Pointer;
  transpose(c: Pointer, a: Pointer): Pointer;
  permute(c: Pointer, a: Pointer, p0: number, p1: number, p2: number, p3: number): Pointer;
  cont(c: Pointer, a: Pointer): Pointer;
  /** Bytes between rows, matrices and batches, and of the first element; numbers in a row are neighbours. */
  view(
    c: Pointer,
    a: Pointer,
    ne0: number,
    ne1: number,
    ne2: number,
    ne3: number,
    nb1: number,
    nb2: number,
    nb3: number,
    offset: number,
  ): Pointer;
  concat(c: Pointer, a: Pointer, b: Pointer, dimension: number): Pointer;
  reshape(c: Pointer, a: Pointer, ne0: number, ne1: number, ne2: number, ne3: number): Pointer;
  add(c: Pointer, a: Pointer, b: Pointer): Pointer;
  addInplace(c: Pointer, a: Pointer, b: Pointer): Pointer;
  /** Copies `from` into `to`. */
  copy(c: Pointer, from: Pointer, to: Pointer): Pointer;
  sub(c: Pointer, a: Pointer, b: Pointer): Pointer;
  mul(c: Pointer, a: Pointer, b: Pointer): Pointer;
  scale(c: Pointer, a: Pointer, factor: number): Pointer;
  neg(c: Pointer, a: Pointer): Pointer;
  log(c: Pointer, a: Pointer): Pointer;
  sqr(c: Pointer, a: Pointer): Pointer;
  sum(c: Pointer, a: Pointer): Pointer;
  argmax(c: Pointer, a: Pointer): Pointer;
  repeatBack(c: Pointer, a: Pointer, shape: Pointer): Pointer;
  rmsNorm(c: Pointer, a: Pointer, epsilon: number): Pointer;
  rmsNormBack(c: Pointer, gradient: Pointer, x: Pointer, epsilon: number): Pointer;
  rope(c: Pointer, a: Pointer, positions: Pointer, dimensions: number, base: number): Pointer;
  ropeBack(c: Pointer, a: Pointer, positions: Pointer, dimensions: number, base: number): Pointer;
  swiglu(c: Pointer, gate: Pointer, up: Pointer): Pointer;
  silu(c: Pointer, a: Pointer): Pointer;
  siluBack(c: Pointer, gradient: Pointer, x: Pointer): Pointer;
  softmax(c: Pointer, a: Pointer): Pointer;
  softmaxMasked(c: Pointer, a: Pointer, mask: Pointer, factor: number): Pointer;
  softmaxBackInplace(c: Pointer, gradient: Pointer, result: Pointer, factor: number): Pointer;
  getRows(c: Pointer, table: Pointer, index: Pointer): Pointer;
  getRowsBack(c: Pointer, gradient: Pointer, index: Pointer, table: Pointer): Pointer;
  setRows(c: Pointer, into: Pointer, rows: Pointer, index: Pointer): Pointer;
  adamw(
    c: Pointer,
    parameter: Pointer,
    gradient: Pointer,
    m: Pointer,
    v: Pointer,
    settings: Pointer,
  ): Pointer;
  /** An f32 tensor of this shape, computed by the C function at `code` (`ggml_custom_op_t`) on all threads. */
  custom(c: Pointer, shape: Shape, sources: readonly Pointer[], code: Pointer): Pointer;
  setParam(tensor: Pointer): void;
  setOutput(tensor: Pointer): void;
  /** Of a tensor without its data, and what a context keeps in front of it. */
  tensorBytes: number;
  /** Where the system has it; see executable-memory.ts. */
  putCode: ExecutableMemory | undefined;
  /** Room for `nodes` tensors and a graph of as many, without their data. */
  contextBytes(nodes: number): number;
  newGraph(context: Pointer, nodes: number): Pointer;
  expand(graph: Pointer, tensor: Pointer): void;
  graphNodes(graph: Pointer): number;
  graphView(graph: Pointer, from: number, to: number): GraphView;
  /** Runs on koffi's worker thread; resolves to ggml's status, 0 for success. */
  compute(backend: Pointer, graph: GraphView): Promise<number>;
  allocateContext(context: Pointer, backend: Pointer): Pointer;
  freeBuffer(buffer: Pointer): void;
  clearBuffer(buffer: Pointer): void;
  newAllocator(backend: Pointer): Pointer;
  allocateGraph(allocator: Pointer, graph: Pointer): boolean;
  allocatorBytes(allocator: Pointer): number;
  freeAllocator(allocator: Pointer): void;
  write(tensor: Pointer, data: Uint8Array): void;
  read(tensor: Pointer, data: Uint8Array): void;
  /** Fills with zero bytes. */
  zero(tensor: Pointer, bytes: number): void;
  openCpu(): Pointer;
  closeBackend(backend: Pointer): void;
  setThreads(backend: Pointer, threads: number): void;
  /** What the CPU library uses: `AVX2`, `AVX512`, `NEON`, ... */
  cpuFeatures: ReadonlySet<string>;
  /** Names of the devices that the libraries found: `CPU`, `Vulkan0`, ... with a description. */
  devices(): { name: string; description: string }[];
}

type Koffi = typeof import("koffi")["default"];

let opened: Promise<Ggml> | undefined;

/** The libraries, opened once a process: ggml's registry of backends is global to it. */
export function openGgml(): Promise<Ggml> {
  opened ??= load();
  return opened;
}

async function load(): Promise<Ggml> {
  const { default: koffi } = await import("koffi");
  const paths = locateLibraries();
  const base = loadLibrary(koffi, paths.base, { global: true });
  const registry = loadLibrary(koffi, paths.registry, { global: true });
  koffi.struct("ggml_init_params", { mem_size: "size_t", mem_buffer: "void*", no_alloc: "bool" });
  koffi.struct("ggml_hash_set", { size: "size_t", used: "void*", keys: "void*" });
  koffi.struct("ggml_cgraph", {
    size: "int",
    n_nodes: "int",
    n_leafs: "int",
    nodes: "void*",
    grads: "void*",
    grad_accs: "void*",
    leafs: "void*",
    use_counts: "void*",
    visited_hash_set: "ggml_hash_set",
    order: "int",
    uid: "uint64_t",
  });
  const f = (declaration: string) => base.func(declaration);
  const unary = (name: string) => f(`void* ${name}(void* c, void* a)`);
  const binary = (name: string) => f(`void* ${name}(void* c, void* a, void* b)`);
  const ternary = (name: string) => f(`void* ${name}(void* c, void* a, void* b, void* d)`);
  const ropeArguments =
    "(void* c, void* a, void* pos, void* freq, int dims, int mode, int ctx, float base, float scale, float ext, float attn, float fast, float slow)";
  const ropeExt = f(`void* ggml_rope_ext${ropeArguments}`);
  const ropeExtBack = f(`void* ggml_rope_ext_back${ropeArguments}`);
  const softMaxExt = f("void* ggml_soft_max_ext(void* c, void* a, void* mask, float scale, float bias)");
  const softMaxBack = f(
    "void* ggml_soft_max_ext_back_inplace(void* c, void* g, void* y, float scale, float bias)",
  );
  const init = f("void* ggml_init(ggml_init_params p)");
  const tensorOverhead = f("size_t ggml_tensor_overhead()");
  const graphOverhead = f("size_t ggml_graph_overhead_custom(size_t n, bool grads)");
  const newGraph = f("void* ggml_new_graph_custom(void* c, size_t n, bool grads)");
  const custom = f(
    "void* ggml_custom_4d(void* c, int t, int64_t n0, int64_t n1, int64_t n2, int64_t n3, void** args, int n, void* code, int tasks, void* user)",
  );
  const compute = f("int ggml_backend_graph_compute(void* backend, ggml_cgraph* g)");
  const clearBuffer = f("void ggml_backend_buffer_clear(void* b, uint8_t v)");
  const bufferType = f("void* ggml_backend_get_default_buffer_type(void* backend)");
  const newAllocator = f("void* ggml_gallocr_new(void* type)");
  const allocatorBytes = f("size_t ggml_gallocr_get_buffer_size(void* a, int i)");
  const tensorSet = f("void ggml_backend_tensor_set(void* t, const void* x, size_t offset, size_t n)");
  const tensorGet = f("void ggml_backend_tensor_get(void* t, _Out_ void* x, size_t offset, size_t n)");
  const tensorMemset = f("void ggml_backend_tensor_memset(void* t, uint8_t v, size_t offset, size_t n)");
  const deviceInit = f("void* ggml_backend_dev_init(void* d, const char* p)");
  const deviceType = f("int ggml_backend_dev_type(void* d)");
  const deviceName = f("const char* ggml_backend_dev_name(void* d)");
  const deviceDescription = f("const char* ggml_backend_dev_description(void* d)");
  const deviceRegistry = f("void* ggml_backend_dev_backend_reg(void* d)");
  const procAddress = f("void* ggml_backend_reg_get_proc_address(void* r, const char* name)");
  const setThreadsType = koffi.proto("void ggml_backend_set_n_threads(void* backend, int n)");
  const deviceCount = registry.func("size_t ggml_backend_dev_count()");
  const deviceGet = registry.func("void* ggml_backend_dev_get(size_t i)");
  silenceLog(koffi, paths.base);
  registry.func("void ggml_backend_load_all_from_path(const char* path)")(paths.folder);

  const allDevices = () => Array.from({ length: Number(deviceCount()) }, (_, i) => deviceGet(i) as Pointer);
  const cpu = allDevices().find((device) => deviceType(device) === 0);
  if (!cpu) throw new VikhrError(`ggml found no CPU backend in ${paths.folder}: run npm ci`);
  const setThreads: (backend: Pointer, n: number) => void = koffi.decode(
    procAddress(deviceRegistry(cpu), "ggml_backend_set_n_threads"),
    setThreadsType,
  );

  return {
    init: (size) => init({ mem_size: size, mem_buffer: null, no_alloc: true }),
    free: f("void ggml_free(void* c)"),
    newTensor: f("void* ggml_new_tensor_4d(void* c, int t, int64_t a, int64_t b, int64_t d, int64_t e)"),
    matmul: binary("ggml_mul_mat"),
    matmulId: ternary("ggml_mul_mat_id"),
    outProd: binary("ggml_out_prod"),
    transpose: unary("ggml_transpose"),
    permute: f("void* ggml_permute(void* c, void* a, int p0, int p1, int p2, int p3)"),
    cont: unary("ggml_cont"),
    view: f(
      "void* ggml_view_4d(void* c, void* a, int64_t n0, int64_t n1, int64_t n2, int64_t n3, size_t b1, size_t b2, size_t b3, size_t offset)",
    ),
    concat: f("void* ggml_concat(void* c, void* a, void* b, int dim)"),
    reshape: f("void* ggml_reshape_4d(void* c, void* a, int64_t n0, int64_t n1, int64_t n2, int64_t n3)"),
    add: binary("ggml_add"),
    addInplace: binary("ggml_add_inplace"),
    copy: binary("ggml_cpy"),
    sub: binary("ggml_sub"),
    mul: binary("ggml_mul"),
    scale: f("void* ggml_scale(void* c, void* a, float s)"),
    neg: unary("ggml_neg"),
    log: unary("ggml_log"),
    sqr: unary("ggml_sqr"),
    sum: unary("ggml_sum"),
    argmax: unary("ggml_argmax"),
    repeatBack: binary("ggml_repeat_back"),
    rmsNorm: f("void* ggml_rms_norm(void* c, void* a, float eps)"),
    rmsNormBack: f("void* ggml_rms_norm_back(void* c, void* g, void* x, float eps)"),
    rope: (c, a, pos, dims, freqBase) => ropeExt(c, a, pos, null, dims, 0, 0, freqBase, 1, 0, 1, 0, 0),
    ropeBack: (c, a, pos, dims, freqBase) =>
      ropeExtBack(c, a, pos, null, dims, 0, 0, freqBase, 1, 0, 1, 0, 0),
    swiglu: binary("ggml_swiglu_split"),
    silu: unary("ggml_silu"),
    siluBack: binary("ggml_silu_back"),
    softmax: unary("ggml_soft_max"),
    softmaxMasked: (c, a, mask, factor) => softMaxExt(c, a, mask, factor, 0),
    softmaxBackInplace: (c, g, y, factor) => softMaxBack(c, g, y, factor, 0),
    getRows: binary("ggml_get_rows"),
    getRowsBack: ternary("ggml_get_rows_back"),
    setRows: ternary("ggml_set_rows"),
    adamw: f("void* ggml_opt_step_adamw(void* c, void* a, void* g, void* m, void* v, void* p)"),
    custom: (c, shape, sources, code) =>
      custom(c, GGML_TYPE.f32, ...shape, sources, sources.length, code, ALL_THREADS, null),
    setParam: f("void ggml_set_param(void* t)"),
    setOutput: f("void ggml_set_output(void* t)"),
    tensorBytes: Number(tensorOverhead()),
    putCode: openExecutableMemory(koffi),
    contextBytes: (nodes) => Number(tensorOverhead()) * nodes + Number(graphOverhead(nodes, false)),
    newGraph: (context, nodes) => newGraph(context, nodes, false),
    expand: f("void ggml_build_forward_expand(void* g, void* t)"),
    graphNodes: f("int ggml_graph_n_nodes(void* g)"),
    graphView: f("ggml_cgraph ggml_graph_view(void* g, int a, int b)"),
    compute: (backend, graph) =>
      new Promise((resolve, reject) =>
        compute.async(backend, graph, (error: unknown, status: number) =>
          error ? reject(error) : resolve(status),
        ),
      ),
    allocateContext: f("void* ggml_backend_alloc_ctx_tensors(void* c, void* backend)"),
    freeBuffer: f("void ggml_backend_buffer_free(void* b)"),
    clearBuffer: (buffer) => clearBuffer(buffer, 0),
    newAllocator: (backend) => newAllocator(bufferType(backend)),
    allocateGraph: f("bool ggml_gallocr_alloc_graph(void* a, void* g)"),
    allocatorBytes: (allocator) => Number(allocatorBytes(allocator, 0)),
    freeAllocator: f("void ggml_gallocr_free(void* a)"),
    write: (tensor, data) => tensorSet(tensor, data, 0, data.byteLength),
    read: (tensor, data) => tensorGet(tensor, data, 0, data.byteLength),
    zero: (tensor, bytes) => tensorMemset(tensor, 0, 0, bytes),
    openCpu: () => deviceInit(cpu, null),
    closeBackend: f("void ggml_backend_free(void* backend)"),
    setThreads,
    cpuFeatures: readFeatures(koffi, procAddress, deviceRegistry(cpu)),
    devices: () =>
      allDevices().map((d) => ({
        name: deviceName(d) as string,
        description: deviceDescription(d) as string,
      })),
  };
}

/** A C array of (name, value) that ends with a null name; ggml lists only what is present. */
function readFeatures(
  koffi: Koffi,
  procAddress: (registry: Pointer, name: string) => Pointer,
  registry: Pointer,
): ReadonlySet<string> {
  const features = new Set<string>();
  const address = procAddress(registry, "ggml_backend_get_features");
  if (!address) return features;
  const entry = koffi.struct("ggml_backend_feature", { name: "const char*", value: "const char*" });
  const list = koffi.decode(
    address,
    koffi.proto("void* ggml_backend_get_features(void* registry)"),
  )(registry);
  for (let i = 0; ; i++) {
    const { name } = koffi.decode(list, i * koffi.sizeof(entry), entry) as { name: string | null };
    if (name === null) return features;
    features.add(name);
  }
}
