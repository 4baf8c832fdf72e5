/** A UTF-8 file of bounded size, or stdin, as text; what goes wrong is one line that names it. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { InputError } from "../errors.ts";

export interface ReadTextOptions {
  /** Threat: a device or a pipe that never ends. */
  maxBytes: number;
  /** Read the first `maxBytes` of a larger file, up to a whole character; default: a larger one is an error. */
  cut?: boolean;
  /** A file that does not exist is `undefined` and no error. */
  optional?: boolean;
}

const CHUNK_BYTES = 1024 * 1024;
const STDIN = 0;

const REASONS: Record<string, string> = {
  ENOENT: "there is no such file",
  EACCES: "it may not be read",
  EISDIR: "it is a folder",
  ENOTDIR: "there is no such file",
};

export function readTextFile(path: string, options: ReadTextOptions & { optional?: false }): string;
export function readTextFile(path: string, options: ReadTextOptions): string | undefined;
/** `-` is stdin. */
export function readTextFile(path: string, options: ReadTextOptions): string | undefined {
  const name = path === "-" ? "stdin" : path;
  try {
    return decode(name, readBytes(path, name, options));
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (options.optional && code === "ENOENT") return undefined;
    throw new InputError(`cannot read ${name}: ${REASONS[code ?? ""] ?? message}`, { cause: error });
  }
}

function readBytes(path: string, name: string, { maxBytes, cut }: ReadTextOptions): Buffer {
  const fd = path === "-" ? STDIN : openSync(path, "r");
  const chunks: Buffer[] = [];
  let total = 0;
  try {
    const size = fstatSync(fd).size;
    for (;;) {
      const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, Math.max(size, 4096) + 1));
      const read = readSome(fd, chunk);
      if (read === 0) return Buffer.concat(chunks);
      total += read;
      if (total > maxBytes && cut)
        return wholeCharacters(Buffer.concat([...chunks, chunk.subarray(0, read)]).subarray(0, maxBytes));
      if (total > maxBytes)
        throw new InputError(`${name} is larger than ${maxBytes} bytes: give less at once`);
      chunks.push(chunk.subarray(0, read));
    }
  } finally {
    if (fd !== STDIN) closeSync(fd);
  }
}

/** A pipe whose writer is slow says EAGAIN instead of waiting; a terminal's end of file may come as an error. */
function readSome(fd: number, chunk: Buffer): number {
  for (;;)
    try {
      return readSync(fd, chunk, 0, chunk.length, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
}

/** Without the bytes of a character that the end cuts. */
function wholeCharacters(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) break;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 0;
    if (length > 0) return length > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}

function decode(name: string, bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError(`${name} is not UTF-8 text: convert it first`, { cause });
  }
}
