/** One check of native code, in a process that it may end (see probe.ts): what to check in, what was found out. */
import { VikhrError } from "../../errors.ts";

export type Probe = "llama" | "gpu" | "gradients" | "products";

export interface ProbeInput {
  probe: Probe;
  /** llama.cpp computes with this library for processors. Default: with npm's, which has no products of ours. */
  library?: string;
}

export interface Finding {
  status: "ok" | "warn" | "fail";
  detail: string;
}

const PROBES: Record<Probe, (library?: string) => Promise<Finding>> = { llama, gpu, gradients, products };

process.on("message", (message: { type: string; input?: ProbeInput }) => {
  if (message.type === "start") void run(message.input!);
});

async function run({ probe, library }: ProbeInput): Promise<void> {
  let finding: Finding;
  try {
    if (library !== undefined) await load(library);
    finding = await PROBES[probe](library);
  } catch (error) {
    finding = { status: error instanceof VikhrError ? "warn" : "fail", detail: (error as Error).message };
  }
  process.send?.(finding, () => process.exit());
}

async function load(library: string): Promise<void> {
  const { loadFirst } = await import("../../tensor/ggml/cpu-library.ts");
  if (!(await loadFirst([library]))) throw new Error(`${library} cannot be loaded`);
}

async function llama(): Promise<Finding> {
  const { openBackend } = await import("../../engine/embedded/bindings.ts");
  const { canCompile, compiledLibrary } = await import("../../tensor/ggml/compiled/compiled-library.ts");
  const { mathCores } = await openBackend(false);
  const cores = `${mathCores} ${mathCores === 1 ? "core" : "cores"} worth a thread`;
  const hint = canCompile() ? "; vikhr compile makes it faster" : "";
  const library = compiledLibrary() === undefined ? hint : "; compiled for this processor";
  return { status: "ok", detail: `starts; ${cores}${library}` };
}

async function gpu(): Promise<Finding> {
  const { openBackend } = await import("../../engine/embedded/bindings.ts");
  const backend = await openBackend("auto");
  const { gpuProblem } = backend;
  if (gpuProblem) return { status: "warn", detail: `${gpuProblem}: models run on the processor` };
  const memory = await backend.gpuMemory();
  if (!memory) return { status: "ok", detail: "none found: models run on the processor" };
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  return { status: "ok", detail: `${backend.gpu}: ${gib(memory.free)} of ${gib(memory.total)} free` };
}

/** A small model's worth of operations, differentiated by ggml and by the slow reference in doubles. */
async function gradients(): Promise<Finding> {
  const { openGgmlBackend } = await import("../../tensor/ggml/backend.ts");
  const { gradientsOn } = await import("../../tensor/reference/check-gradients.ts");
  const { openReferenceBackend } = await import("../../tensor/reference/backend.ts");
  const { labelLogprob, leaf, matmul, rmsNorm, swiglu } = await import("../../tensor/ops.ts");
  const [width, vocabulary, tokens] = [32, 48, 12];
  const x = leaf("x", [width, tokens], { trainable: true });
  const gate = leaf("gate", [width, width], { trainable: true });
  const head = leaf("head", [width, vocabulary], { trainable: true });
  const labels = leaf("labels", [tokens], { type: "i32" });
  const flat = leaf("flat", [tokens], { type: "i64" });
  const hidden = rmsNorm(x, 1e-5);
  const result = labelLogprob(matmul(head, swiglu(matmul(gate, hidden), hidden)), labels, flat);
  const wave = (n: number, speed: number) =>
    Float32Array.from({ length: n }, (_, i) => Math.sin(speed * (i + 1)));
  const label = (n: number) => (7 * n) % vocabulary;
  const values = new Map<typeof x, Float32Array | Int32Array | BigInt64Array>([
    [x, wave(width * tokens, 1.3)],
    [gate, wave(width * width, 0.7)],
    [head, wave(width * vocabulary, 2.1)],
    [labels, Int32Array.from({ length: tokens }, (_, n) => label(n))],
    [flat, BigInt64Array.from({ length: tokens }, (_, n) => BigInt(n * vocabulary + label(n)))],
  ]);
  const weights = wave(tokens, 1.9);
  const ggml = await openGgmlBackend();
  const fast = await gradientsOn(ggml, values, result, weights);
  const exact = await gradientsOn(openReferenceBackend(), values, result, weights);
  const error = Math.max(...[...exact].map(([tensor, g]) => relativeError(fast.get(tensor)!, g)));
  const { jitStatus } = await import("../../tensor/ggml/generated.ts");
  const { active, reason } = await jitStatus();
  const products = `products by ${active ? "generated code" : "ggml"} (${reason})`;
  const detail = `ggml against the reference: relative error ${error.toExponential(1)}; ${products}`;
  return { status: error < 1e-4 ? "ok" : "fail", detail };
}

/** What a compiled library multiplies by functions of ours. */
async function products(library?: string): Promise<Finding> {
  const { productsThatDiffer } = await import("../../tensor/ggml/compiled/check-products.ts");
  const shape = library === undefined ? undefined : await productsThatDiffer(library);
  if (shape === undefined) return { status: "ok", detail: "products of quantized weights are llama.cpp's" };
  return { status: "fail", detail: `a product of quantized weights differs: ${JSON.stringify(shape)}` };
}

function relativeError(a: Float32Array, b: Float32Array): number {
  const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
  return norm(a.map((v, i) => v - b[i]!)) / norm(b);
}
