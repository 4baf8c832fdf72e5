/** A Llama's parameters from a GGUF file, and back into one that llama.cpp loads. */
import { InputError } from "../errors.ts";
import { type GgufMetadata, string, u32 } from "../gguf/metadata.ts";
import { quantize, type WritableType } from "../gguf/quantize.ts";
import type { GgufFile } from "../gguf/read-gguf.ts";
import { readTensorFloats, tensorInfo } from "../gguf/read-tensor.ts";
import { writeGguf } from "../gguf/write-gguf.ts";
import type { Backend } from "../tensor/backend.ts";
import { sameShape, shapeOf } from "../tensor/tensor.ts";
import { printable } from "../util/printable.ts";
import { type LlamaConfig, llamaMetadata } from "./llama-config.ts";
import { isNorm, type LlamaParameters, parameterName } from "./llama-parameters.ts";

/** Fills allocated parameters from the file, dequantized to f32. Throws InputError where the file holds others. */
export function loadLlama(file: GgufFile, parameters: LlamaParameters, backend: Backend): void {
  const known = new Set(parameters.all.map(parameterName));
  const other = file.tensors.find(({ name }) => !known.has(name));
  if (other)
    throw new InputError(
      `${file.path}: it has a tensor ${printable(other.name, 80)}, which training does not know (a bias?)`,
    );
  for (const p of parameters.all) {
    const { shape } = tensorInfo(file, parameterName(p));
    if (!sameShape(shapeOf(...shape), p.shape))
      throw new InputError(
        `${file.path}: tensor ${parameterName(p)} is ${shape.join(" x ")}, and its metadata say ${p.shape.join(" x ")}`,
      );
    backend.write(p, readTensorFloats(file, parameterName(p)));
  }
}

export interface SaveLlamaOptions {
  /** Of matrices; gains are always F32. */
  type: WritableType;
  /** `general.name`. */
  name: string;
  /** `tokenizer.*` keys, with the chat template. */
  tokenizer: GgufMetadata;
  /** More `general.*` keys: description, license, languages. */
  general?: GgufMetadata;
}

/** `general.file_type` numbers of llama.cpp. */
const FILE_TYPE: Record<WritableType, number> = { F32: 0, F16: 1, Q8_0: 7 };
/** ggml's, of the block formats. */
const QUANTIZATION_VERSION = 2;

export async function saveLlama(
  path: string,
  config: LlamaConfig,
  parameters: LlamaParameters,
  backend: Backend,
  options: SaveLlamaOptions,
): Promise<void> {
  const metadata = new Map([
    ...llamaMetadata(config),
    ["general.name", string(options.name)] as const,
    ["general.file_type", u32(FILE_TYPE[options.type])] as const,
    ...(options.type === "Q8_0"
      ? [["general.quantization_version", u32(QUANTIZATION_VERSION)] as const]
      : []),
    ...(options.general ?? []),
    ...options.tokenizer,
  ]);
  const tensors = parameters.all.map((p) => {
    const type = isNorm(p) ? ("F32" as const) : options.type;
    const shape = p.shape[1] === 1 ? [p.shape[0]] : [p.shape[0], p.shape[1]];
    return { name: parameterName(p), shape, type, data: quantize(type, backend.read(p)) };
  });
  await writeGguf(path, { metadata, tensors });
}
