/**
 * A GGUF file (version 2 or 3) -> its metadata and tensor table, without the tensor data. The file is untrusted:
 * whatever is wrong with it becomes one InputError that names the file and the reason.
 */
import { closeSync, fstatSync, openSync, statSync } from "node:fs";
import { InputError } from "../errors.ts";
import { printable } from "../util/printable.ts";
import { HeaderCursor } from "./header-cursor.ts";
import type { GgufMetadata, GgufValue } from "./metadata.ts";
import { type TensorType, tensorByteLength, tensorTypeFacts, tensorTypeOf } from "./tensor-types.ts";

/** "GGUF" read as a little-endian number. */
export const GGUF_MAGIC = 0x46554747;
export const DEFAULT_ALIGNMENT = 32;

// Limits against files that claim absurd sizes to exhaust time or memory; real files stay far below.
const MAX_KEYS = 65_536;
const MAX_KEY_BYTES = 65_535;
const MAX_TENSORS = 1_000_000;
const MAX_TENSOR_NAME_BYTES = 64;
const MAX_DIMENSIONS = 4;
const MAX_ALIGNMENT = 1024 * 1024;

export interface GgufTensorInfo {
  name: string;
  /** In ggml's order: `shape[0]` is the length of a contiguous row. */
  shape: number[];
  type: TensorType;
  /** From the beginning of the data, that is from `dataOffset`. */
  offset: number;
  byteLength: number;
}

export interface GgufFile {
  path: string;
  version: number;
  metadata: GgufMetadata;
  tensors: GgufTensorInfo[];
  /** Place in the file where tensor data begins. */
  dataOffset: number;
}

export function readGguf(path: string): GgufFile {
  return withFile(path, (fd, size) => parse(new HeaderCursor(fd, path, size), path, size));
}

/** Opens a regular file for reading; errors of the system become an InputError with the path. */
export function withFile<T>(path: string, use: (fd: number, size: number) => T): T {
  let fd: number;
  try {
    // Before opening: opening a named pipe would wait for ever.
    if (!statSync(path).isFile()) throw new InputError(`${path}: not a file: give the path of a .gguf file`);
    fd = openSync(path, "r");
  } catch (error) {
    throw fileError(path, error);
  }
  try {
    return use(fd, fstatSync(fd).size);
  } catch (error) {
    throw fileError(path, error);
  } finally {
    closeSync(fd);
  }
}

function fileError(path: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === undefined || error instanceof InputError) return error;
  const reason = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
  return new InputError(`${path}: ${reason}: check the path`, { cause: error });
}

function parse(cursor: HeaderCursor, path: string, fileSize: number): GgufFile {
  const magic = cursor.u32("the first four bytes");
  if (magic !== GGUF_MAGIC) throw cursor.fail("it does not begin with GGUF");
  const version = cursor.u32("the version");
  if (version === 0x03000000 || version === 0x02000000) throw cursor.fail("it is in big-endian byte order");
  if (version !== 2 && version !== 3) throw cursor.fail(`version ${version} is neither 2 nor 3`);
  const tensorCount = cursor.count("the number of tensors", MAX_TENSORS);
  const keyCount = cursor.count("the number of keys", MAX_KEYS);
  const metadata = readMetadata(cursor, keyCount);
  const alignment = alignmentOf(cursor, metadata);
  const tensors = readTensorTable(cursor, tensorCount, alignment);
  const dataOffset = align(cursor.position, alignment);
  for (const { name, offset, byteLength } of tensors)
    if (dataOffset + offset + byteLength > fileSize)
      throw cursor.fail(
        `tensor ${name} ends at byte ${dataOffset + offset + byteLength} and the file has ${fileSize} bytes`,
      );
  return { path, version, metadata, tensors, dataOffset };
}

function readMetadata(cursor: HeaderCursor, keyCount: number): GgufMetadata {
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < keyCount; i++) {
    const key = cursor.string(`key ${i}`, MAX_KEY_BYTES);
    if (metadata.has(key)) throw cursor.fail(`the key ${printable(key, 80)} stands twice`);
    const type = cursor.valueType(`the type of ${printable(key, 80)}`);
    metadata.set(key, cursor.value(type, printable(key, 80)));
  }
  return metadata;
}

function alignmentOf(cursor: HeaderCursor, metadata: GgufMetadata): number {
  const found = metadata.get("general.alignment");
  if (!found) return DEFAULT_ALIGNMENT;
  const value = found.type === "u32" ? found.value : 0;
  if (value === 0 || value > MAX_ALIGNMENT || (value & (value - 1)) !== 0)
    throw cursor.fail(`general.alignment is not a power of two up to ${MAX_ALIGNMENT}`);
  return value;
}

function readTensorTable(cursor: HeaderCursor, count: number, alignment: number): GgufTensorInfo[] {
  const tensors: GgufTensorInfo[] = [];
  const names = new Set<string>();
  let expected = 0;
  for (let i = 0; i < count; i++) {
    const tensor = readTensorInfo(cursor, i);
    if (names.has(tensor.name)) throw cursor.fail(`tensor ${tensor.name} stands twice`);
    names.add(tensor.name);
    // Tensors follow each other in the order of the table, as ggml itself demands; this also rules out overlaps.
    if (tensor.offset !== expected)
      throw cursor.fail(`tensor ${tensor.name} begins at ${tensor.offset} and should at ${expected}`);
    expected = align(expected + tensor.byteLength, alignment);
    if (!Number.isSafeInteger(expected)) throw cursor.fail("the tensors are too large");
    tensors.push(tensor);
  }
  return tensors;
}

function readTensorInfo(cursor: HeaderCursor, index: number): GgufTensorInfo {
  const name = cursor.string(`the name of tensor ${index}`, MAX_TENSOR_NAME_BYTES);
  if (name !== printable(name, 80))
    throw cursor.fail(`the name of tensor ${index} has unprintable characters`);
  const dimensions = cursor.u32(`the dimensions of tensor ${name}`);
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS)
    throw cursor.fail(`tensor ${name} has ${dimensions} dimensions`);
  const shape = Array.from({ length: dimensions }, (_, d) =>
    cursor.count(`dimension ${d} of tensor ${name}`, Number.MAX_SAFE_INTEGER),
  );
  const id = cursor.u32(`the type of tensor ${name}`);
  const type = tensorTypeOf(id);
  if (!type) throw cursor.fail(`tensor ${name} has type ${id}, which this version does not know`);
  const offset = cursor.count(`the offset of tensor ${name}`, Number.MAX_SAFE_INTEGER);
  const byteLength = tensorByteLength(type, shape);
  if (byteLength === undefined || byteLength === 0)
    throw cursor.fail(
      `tensor ${name} of type ${type} has the shape ${shape.join(" x ")}, and rows come in blocks of ${tensorTypeFacts(type).blockSize}`,
    );
  return { name, shape, type, offset, byteLength };
}

export function align(position: number, alignment: number): number {
  return Math.ceil(position / alignment) * alignment;
}
