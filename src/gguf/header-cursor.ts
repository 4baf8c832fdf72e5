/**
 * Reads the beginning of an untrusted binary file, value by value, little-endian. Every length is checked against
 * what is left of the file before a byte is allocated for it. Knows the shapes of GGUF's strings and arrays only.
 */
import { readSync } from "node:fs";
import { InputError } from "../errors.ts";
import { type GgufValue, type NumericType, TYPED_ARRAYS, VALUE_TYPES, type ValueType } from "./metadata.ts";

/** Threat: a huge file whose header claims all of it, to exhaust memory. Real headers are 1-30 MB. */
const MAX_HEADER_BYTES = 512 * 1024 * 1024;
const WINDOW_BYTES = 1024 * 1024;

/** Longest list of texts or booleans; the largest vocabularies have some 300,000 tokens. */
const MAX_LIST = 2 ** 23;

export class HeaderCursor {
  readonly #fd: number;
  readonly #path: string;
  readonly #limit: number;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #window: Buffer = Buffer.alloc(0);
  /** Place in the file of the window's first byte. */
  #windowStart = 0;
  position = 0;

  constructor(fd: number, path: string, fileSize: number) {
    this.#fd = fd;
    this.#path = path;
    this.#limit = Math.min(fileSize, MAX_HEADER_BYTES);
  }

  fail(what: string): InputError {
    return new InputError(
      `${this.#path}: not a usable GGUF file: ${what} (at byte ${this.position}): the file is damaged or cut short, fetch or export it again`,
    );
  }

  get remaining(): number {
    return this.#limit - this.position;
  }

  u32(what: string): number {
    return this.#take(4, what).readUInt32LE(0);
  }

  /** A 64-bit count: refused above `max`. */
  count(what: string, max: number): number {
    const value = this.#u64(what);
    if (value > max) throw this.fail(`${what} is ${value}, more than ${max}`);
    return value;
  }

  string(what: string, maxBytes = Number.MAX_SAFE_INTEGER): string {
    const length = this.#length(what, maxBytes);
    const bytes = this.#take(length, what);
    try {
      return this.#decoder.decode(bytes);
    } catch {
      throw this.fail(`${what} is not UTF-8`);
    }
  }

  valueType(what: string): ValueType {
    const id = this.u32(what);
    const type = VALUE_TYPES[id];
    if (!type) throw this.fail(`${what} is ${id}, which is no GGUF value type`);
    return type;
  }

  value(type: ValueType, what: string): GgufValue {
    switch (type) {
      case "string":
        return { type, value: this.string(what) };
      case "bool":
        return { type, value: this.#bool(what) };
      case "array":
        return this.#array(what);
      case "u64":
      case "i64":
        return { type, value: this.#numbers(type, 1, what)[0] as bigint };
      default:
        return { type, value: this.#numbers(type, 1, what)[0] as number };
    }
  }

  #array(what: string): GgufValue {
    const of = this.valueType(`the element type of ${what}`);
    if (of === "array") throw this.fail(`${what} is a list of lists`);
    // A string takes 8 bytes at least, a number its own size.
    const smallest = of === "string" ? 8 : of === "bool" ? 1 : TYPED_ARRAYS[of].BYTES_PER_ELEMENT;
    // Threat: a list of values takes many times its bytes in the file, typed numbers do not.
    const most = of === "string" || of === "bool" ? MAX_LIST : Number.MAX_SAFE_INTEGER;
    const length = this.#length(what, most, smallest);
    if (of === "bool") return { type: "array", of, value: Array.from({ length }, () => this.#bool(what)) };
    if (of === "string") return { type: "array", of, value: Array.from({ length }, () => this.string(what)) };
    return { type: "array", of, value: this.#numbers(of, length, what) };
  }

  /** A length in elements of at least `elementBytes`: refused where the rest of the file cannot hold them. */
  #length(what: string, max: number, elementBytes = 1): number {
    const value = this.#u64(what);
    const most = Math.min(max, Math.floor(this.remaining / elementBytes));
    if (value > most) throw this.fail(`the length of ${what} is ${value}, more than ${most}`);
    return value;
  }

  /** Not exact beyond 2^53, which is above every limit; BigInt would double the time of reading a vocabulary. */
  #u64(what: string): number {
    const bytes = this.#take(8, what);
    return bytes.readUInt32LE(4) * 2 ** 32 + bytes.readUInt32LE(0);
  }

  #bool(what: string): boolean {
    const byte = this.#take(1, what)[0]!;
    if (byte > 1) throw this.fail(`${what} is neither true nor false`);
    return byte === 1;
  }

  #numbers(type: NumericType, length: number, what: string) {
    const array = TYPED_ARRAYS[type];
    const bytes = this.#take(length * array.BYTES_PER_ELEMENT, what);
    // A copy: the place in the file is not aligned, and the window is reused.
    return new array(Uint8Array.from(bytes).buffer);
  }

  /** The next `length` bytes; valid until the next call. */
  #take(length: number, what: string): Buffer {
    if (length > this.remaining) throw this.fail(`the file ends in ${what}`);
    if (this.position + length > this.#windowStart + this.#window.length) {
      this.#window = this.#read(Math.min(Math.max(length, WINDOW_BYTES), this.remaining));
      this.#windowStart = this.position;
      if (this.#window.length < length) throw this.fail(`the file ends in ${what}`);
    }
    const start = this.position - this.#windowStart;
    this.position += length;
    return this.#window.subarray(start, start + length);
  }

  #read(length: number): Buffer {
    const buffer = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const n = readSync(this.#fd, buffer, done, length - done, this.position + done);
      if (n === 0) break; // The file shrank under us.
      done += n;
    }
    return buffer.subarray(0, done);
  }
}
