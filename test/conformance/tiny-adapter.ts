/** LoRA adapters of random weights for any model of F32 matrices, and the same model with them merged in. */
import { f32, type GgufValue, string } from "../../src/gguf/metadata.ts";
import { quantize } from "../../src/gguf/quantize.ts";
import { readGguf } from "../../src/gguf/read-gguf.ts";
import { readTensor, readTensorFloats } from "../../src/gguf/read-tensor.ts";
import { type GgufTensor, writeGguf } from "../../src/gguf/write-gguf.ts";

export interface TinyAdapterOptions {
  /** Default 1. */
  seed?: number;
  /** Default 4. */
  rank?: number;
  /** Default 8. */
  alpha?: number;
  /** Default: every matrix of the model. */
  names?: RegExp;
  /** Metadata to add or to put in place of what is written; `undefined` leaves a key out. */
  metadata?: Readonly<Record<string, GgufValue | undefined>>;
  /** What is written instead of the tensors that were made. */
  change?: (tensors: GgufTensor[]) => GgufTensor[];
}

export async function writeTinyAdapter(
  path: string,
  model: string,
  options: TinyAdapterOptions = {},
): Promise<void> {
  const { seed = 1, rank = 4, alpha = 8, names = /./, change = (tensors) => tensors } = options;
  const uniform = uniforms(seed);
  const tensor = (name: string, columns: number, rows: number): GgufTensor => {
    const values = Float32Array.from({ length: columns * rows }, () => 0.4 * (uniform() - 0.5));
    return { name, shape: [columns, rows], type: "F32", data: quantize("F32", values) };
  };
  const tensors = readGguf(model)
    .tensors.filter(({ name, shape }) => shape.length === 2 && names.test(name))
    .flatMap(({ name, shape }) => {
      const [k, d] = [shape[0]!, shape[1]!];
      // Of embeddings rows are looked up: a and b change places.
      const [a, b] =
        name === "token_embd.weight"
          ? [
              [rank, d],
              [rank, k],
            ]
          : [
              [k, rank],
              [rank, d],
            ];
      return [tensor(`${name}.lora_a`, a![0]!, a![1]!), tensor(`${name}.lora_b`, b![0]!, b![1]!)];
    });
  const metadata = new Map<string, GgufValue>();
  const entries: [string, GgufValue | undefined][] = [
    ["general.type", string("adapter")],
    ["general.architecture", string("llama")],
    ["adapter.type", string("lora")],
    ["adapter.lora.alpha", f32(alpha)],
    ...Object.entries(options.metadata ?? {}),
  ];
  for (const [key, value] of entries) {
    if (value) metadata.set(key, value);
    else metadata.delete(key);
  }
  await writeGguf(path, { metadata, tensors: change(tensors) });
}

/** `adapters`: files and their scales. */
export async function writeMerged(
  path: string,
  model: string,
  adapters: readonly (readonly [path: string, scale: number])[],
): Promise<void> {
  const file = readGguf(model);
  const tensors = file.tensors.map(({ name, shape, type }) => {
    const [k, d = 1] = [shape[0]!, shape[1]];
    if (d === 1) return { name, shape, type, data: readTensor(file, name) };
    const sum = Float64Array.from(readTensorFloats(file, name));
    for (const [adapterPath, scale] of adapters) {
      const adapter = readGguf(adapterPath);
      const [a, b] = ["lora_a", "lora_b"].map((one) =>
        adapter.tensors.find((tensor) => tensor.name === `${name}.${one}`),
      );
      if (!a || !b) continue;
      const [rank, alpha] = [b.shape[0]!, Number(adapter.metadata.get("adapter.lora.alpha")!.value)];
      const [A, B] = [readTensorFloats(adapter, a.name), readTensorFloats(adapter, b.name)];
      const isEmbedding = name === "token_embd.weight";
      for (let row = 0; row < d; row++)
        for (let column = 0; column < k; column++)
          for (let r = 0; r < rank; r++)
            sum[row * k + column]! +=
              ((scale * alpha) / rank) *
              (isEmbedding
                ? A[row * rank + r]! * B[column * rank + r]!
                : A[r * k + column]! * B[row * rank + r]!);
    }
    return { name, shape, type: "F32" as const, data: quantize("F32", Float32Array.from(sum)) };
  });
  await writeGguf(path, { metadata: file.metadata, tensors });
}

/** From 0 to 1: a linear congruential generator. */
function uniforms(seed: number): () => number {
  let state = Math.imul(seed, 2654435761) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
