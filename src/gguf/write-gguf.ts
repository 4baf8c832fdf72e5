/** Metadata and tensors -> a GGUF v3 file, written whole or not at all. Checks sizes, not the model's sense. */
import { VikhrError } from "../errors.ts";
import { writeFileAtomic } from "../util/write-file-atomic.ts";
import {
  type GgufMetadata,
  type GgufValue,
  type NumericType,
  TYPED_ARRAYS,
  VALUE_TYPES,
  type ValueType,
} from "./metadata.ts";
import { align, DEFAULT_ALIGNMENT, GGUF_MAGIC } from "./read-gguf.ts";
import { type TensorType, tensorByteLength, tensorTypeFacts } from "./tensor-types.ts";

const VERSION = 3;

export interface GgufTensor {
  /** At most 63 bytes. */
  name: string;
  /** In ggml's order: `shape[0]` is the length of a contiguous row. */
  shape: readonly number[];
  type: TensorType;
  /** As `quantize` returns it. */
  data: Uint8Array;
}

export interface GgufContent {
  metadata: GgufMetadata;
  tensors: readonly GgufTensor[];
}

/** Tensors are aligned to 32 bytes; metadata that asks for another alignment is an error. */
export async function writeGguf(path: string, content: GgufContent): Promise<void> {
  checkContent(content);
  await writeFileAtomic(path, fileChunks(content));
}

function checkContent({ metadata, tensors }: GgufContent): void {
  const alignment = metadata.get("general.alignment")?.value ?? DEFAULT_ALIGNMENT;
  if (alignment !== DEFAULT_ALIGNMENT) throw new VikhrError(`general.alignment is ${alignment}, not 32`);
  const names = new Set(tensors.map((tensor) => tensor.name));
  if (names.size !== tensors.length) throw new VikhrError("two tensors have one name");
  for (const { name, shape, type, data } of tensors) {
    if (Buffer.byteLength(name) > 63) throw new VikhrError(`tensor name ${name} is longer than 63 bytes`);
    const expected = tensorByteLength(type, shape);
    if (shape.length < 1 || shape.length > 4 || expected !== data.length || expected === 0)
      throw new VikhrError(
        `tensor ${name}: ${type} of shape ${shape.join(" x ")} takes ${expected} bytes, not ${data.length}`,
      );
  }
}

function* fileChunks({ metadata, tensors }: GgufContent): Generator<Uint8Array> {
  const header: Uint8Array[] = [integer(GGUF_MAGIC, "u32"), integer(VERSION, "u32")];
  header.push(integer(tensors.length, "u64"), integer(metadata.size, "u64"));
  for (const [key, value] of metadata) header.push(bytesOfString(key), Buffer.concat(typedValue(value)));
  let offset = 0;
  for (const { name, shape, type, data } of tensors) {
    header.push(bytesOfString(name), integer(shape.length, "u32"));
    for (const length of shape) header.push(integer(length, "u64"));
    header.push(integer(tensorTypeFacts(type).id, "u32"), integer(offset, "u64"));
    offset = align(offset + data.length, DEFAULT_ALIGNMENT);
  }
  const bytes = Buffer.concat(header);
  yield bytes;
  yield padding(bytes.length);
  for (const { data } of tensors) {
    yield data;
    yield padding(data.length);
  }
}

function typedValue(value: GgufValue): Uint8Array[] {
  const type = typeId(value.type);
  switch (value.type) {
    case "array": {
      const head = [type, typeId(value.of), integer(value.value.length, "u64")];
      if (value.of === "string") return [...head, ...value.value.map(bytesOfString)];
      if (value.of === "bool") return [...head, Uint8Array.from(value.value, Number)];
      return [...head, new Uint8Array(value.value.buffer, value.value.byteOffset, value.value.byteLength)];
    }
    case "string":
      return [type, bytesOfString(value.value)];
    case "bool":
      return [type, Uint8Array.of(Number(value.value))];
    case "u64":
      return [type, new Uint8Array(BigUint64Array.of(value.value).buffer)];
    case "i64":
      return [type, new Uint8Array(BigInt64Array.of(value.value).buffer)];
    default:
      return [type, bytesOfNumber(value.type, value.value)];
  }
}

function bytesOfNumber(type: Exclude<NumericType, "u64" | "i64">, value: number): Uint8Array {
  const array = TYPED_ARRAYS[type].of(value);
  if (type !== "f32" && type !== "f64" && array[0] !== value)
    throw new VikhrError(`${value} does not fit in ${type}`);
  return new Uint8Array(array.buffer);
}

function typeId(type: ValueType): Uint8Array {
  return integer(VALUE_TYPES.indexOf(type), "u32");
}

function integer(value: number, type: "u32" | "u64"): Uint8Array {
  if (type === "u32") return new Uint8Array(Uint32Array.of(value).buffer);
  return new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
}

function bytesOfString(text: string): Uint8Array {
  const bytes = Buffer.from(text, "utf8");
  return Buffer.concat([integer(bytes.length, "u64"), bytes]);
}

function padding(written: number): Uint8Array {
  return new Uint8Array(align(written, DEFAULT_ALIGNMENT) - written);
}
