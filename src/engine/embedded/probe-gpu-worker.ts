/** The shipped model on a GPU for one batch, in a process that it may end. */
import { type GpuKind, startBackend } from "./bindings.ts";
import { NO_GPU } from "./probe-gpu.ts";

export interface GpuProbe {
  gpu: GpuKind;
  path: string;
}

const ALL_LAYERS = 999;
const TOKENS = [300, 301, 302, 303];

process.on("message", (message: { type: string; input?: GpuProbe }) => {
  if (message.type === "start") void answer(message.input!);
});

async function answer(input: GpuProbe): Promise<void> {
  const problem = await run(input).catch((error: Error) => error.message);
  process.send?.({ problem }, () => process.exit());
}

async function run({ gpu, path }: GpuProbe): Promise<string | undefined> {
  const backend = await startBackend(gpu);
  // A driver's loader is often there without a device: llama.cpp starts then, and would compute on the processor.
  const memory = backend.gpu === gpu ? await backend.gpuMemory() : undefined;
  if (!memory?.total) return NO_GPU;
  const { llama, context, vocabularySize } = await backend.load(path, {
    contextSize: 256,
    batchSize: TOKENS.length,
    outputs: TOKENS.length,
    sequences: 1,
    threads: 1,
    gpuLayers: ALL_LAYERS,
    kvType: "f16",
    tokenizer: "gpt2",
  });
  const batch = llama.newBatch(TOKENS.length);
  for (const [i, token] of TOKENS.entries()) {
    batch.token[i] = token;
    batch.position[i] = i;
    batch.sequence[i]![0] = 0;
    batch.output[i] = 1;
  }
  const status = await llama.decode(context, batch, TOKENS.length);
  if (status !== 0) return `it evaluates nothing: status ${status}`;
  const logits = llama.logits(context, TOKENS.length, vocabularySize);
  return logits.every(Number.isFinite) ? undefined : "it computes nonsense";
}
