/**
 * A GGUF header and the model's -> whether the file is a LoRA adapter of that model. It may be hostile: llama.cpp checks
 * two of three shapes, and ends the whole process where it comes to multiply what does not fit; so it never gets there.
 * For each matrix W of d x k the file has `lora_a` (r x k) and `lora_b` (d x r), and W + scale * alpha / r * b a is
 * computed (Hu et al. 2021, LoRA).
 */
import { InputError } from "../../errors.ts";
import { metadataString } from "../../gguf/metadata.ts";
import type { GgufFile, GgufTensorInfo } from "../../gguf/read-gguf.ts";
import { readTensorFloats } from "../../gguf/read-tensor.ts";
import type { TensorType } from "../../gguf/tensor-types.ts";

/** What the converter writes. Of further ones llama.cpp multiplies some, and ends at others. */
const TYPES: readonly TensorType[] = ["F32", "F16", "BF16", "Q8_0"];

interface Pair {
  a?: GgufTensorInfo;
  b?: GgufTensorInfo;
}

/** Reads the whole file: weights that are not finite are refused, too. `weightBytes`: of all tensors. */
export function readAdapterHeader(file: GgufFile, model: GgufFile): { weightBytes: number } {
  const fail = (what: string) =>
    new InputError(`${file.path}: not a usable LoRA adapter of ${model.path}: ${what}: take one made for it`);
  const isText = (key: string, wanted: string) => {
    const found = metadataString(file, key, "");
    if (found !== wanted) throw fail(`${key} is not ${wanted}`);
  };
  isText("general.type", "adapter");
  isText("adapter.type", "lora");
  isText("general.architecture", metadataString(model, "general.architecture"));
  const alpha = file.metadata.get("adapter.lora.alpha");
  if (alpha && !(alpha.type === "f32" && Number.isFinite(alpha.value)))
    throw fail("adapter.lora.alpha is no finite number of 32 bits");
  if (file.metadata.has("adapter.alora.invocation_tokens"))
    throw fail("it is to begin at certain tokens (aLoRA), which is not supported");
  const pairs = new Map<string, Pair>();
  for (const tensor of file.tensors) {
    const [, name, which] = /^(.+)\.lora_([ab])$/.exec(tensor.name) ?? [];
    if (name === undefined) throw fail(`tensor ${tensor.name} is neither a lora_a nor a lora_b`);
    if (!TYPES.includes(tensor.type)) throw fail(`tensor ${tensor.name} is of type ${tensor.type}`);
    pairs.set(name, { ...pairs.get(name), [which!]: tensor });
  }
  if (pairs.size === 0) throw fail("it has no tensors");
  const matrices = new Map(model.tensors.map((tensor) => [tensor.name, tensor]));
  for (const [name, { a, b }] of pairs) {
    const matrix = matrices.get(name);
    if (!matrix || ![2, 3].includes(matrix.shape.length)) throw fail(`the model has no matrix ${name}`);
    if (!a || !b) throw fail(`of ${name} it has lora_${a ? "a" : "b"} alone`);
    // llama.cpp ends the process where it sees one of these in use.
    if (matrix.type === "NVFP4") throw fail(`${name} is of type NVFP4, which takes no adapter`);
    if (name === EMBEDDING && !matrices.has("output.weight"))
      throw fail(`${name} is the model's output, too, which takes no adapter`);
    if (!fits(name, matrix.shape, a.shape, b.shape))
      throw fail(
        `${name} is ${matrix.shape.join(" x ")}, and its lora_a ${a.shape.join(" x ")}, lora_b ${b.shape.join(" x ")}`,
      );
    for (const tensor of [a, b])
      if (!readTensorFloats(file, tensor.name).every(Number.isFinite))
        throw fail(`tensor ${tensor.name} has a weight that is not finite`);
  }
  return { weightBytes: file.tensors.reduce((sum, { byteLength }) => sum + byteLength, 0) };
}

const EMBEDDING = "token_embd.weight";

/** In ggml's order, row length first; a third dimension are experts. A rank above both sides would be for nothing. */
function fits(name: string, matrix: readonly number[], a: readonly number[], b: readonly number[]): boolean {
  const [k = 1, d = 1, ...more] = matrix;
  // Of embeddings, rows are looked up: a and b change places.
  const [rank, wantedA, wantedB] =
    name === EMBEDDING
      ? [a[0] ?? 0, [a[0], d, ...more], [a[0], k, ...more]]
      : [b[0] ?? 0, [k, b[0], ...more], [b[0], d, ...more]];
  return rank <= Math.max(k, d) && sameShape(a, wantedA) && sameShape(b, wantedB);
}

function sameShape(one: readonly number[], other: readonly (number | undefined)[]): boolean {
  return one.length === other.length && one.every((length, i) => length === other[i]);
}
