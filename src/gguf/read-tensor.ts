/** One tensor out of a GGUF file: its raw bytes, or its values as float32. */
import { readSync } from "node:fs";
import { InputError } from "../errors.ts";
import { dequantize } from "./dequantize.ts";
import { type GgufFile, type GgufTensorInfo, withFile } from "./read-gguf.ts";

/** Linux reads 2 GiB at most in one call. */
const MAX_READ_BYTES = 1024 * 1024 * 1024;

export function tensorInfo(file: GgufFile, name: string): GgufTensorInfo {
  const found = file.tensors.find((tensor) => tensor.name === name);
  if (!found) throw new InputError(`${file.path}: there is no tensor ${name}: this is another kind of model`);
  return found;
}

export function readTensor(file: GgufFile, name: string): Uint8Array {
  const { offset, byteLength } = tensorInfo(file, name);
  return withFile(file.path, (fd) => {
    const bytes = new Uint8Array(byteLength);
    for (let done = 0; done < byteLength; ) {
      const start = file.dataOffset + offset + done;
      const n = readSync(fd, bytes, done, Math.min(byteLength - done, MAX_READ_BYTES), start);
      // It was long enough when the header was read.
      if (n === 0) throw new InputError(`${file.path}: the file was cut short while it was being read`);
      done += n;
    }
    return bytes;
  });
}

/** Row by row, `shape[0]` values each. */
export function readTensorFloats(file: GgufFile, name: string): Float32Array {
  return dequantize(tensorInfo(file, name).type, readTensor(file, name));
}
