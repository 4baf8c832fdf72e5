/** Round trips of GGUF files, and what damaged or hostile ones do: always one InputError, never anything else. */
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../errors.ts";
import * as gguf from "./metadata.ts";
import { quantize } from "./quantize.ts";
import { readGguf } from "./read-gguf.ts";
import { readTensor, readTensorFloats } from "./read-tensor.ts";
import { writeGguf } from "./write-gguf.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-gguf-"));
const path = join(folder, "whole.gguf");
afterAll(() => rmSync(folder, { recursive: true }));

const metadata: gguf.GgufMetadata = new Map<string, gguf.GgufValue>([
  ["general.architecture", gguf.string("llama")],
  ["a.u8", { type: "u8", value: 255 }],
  ["a.i16", { type: "i16", value: -5 }],
  ["a.u32", gguf.u32(4_000_000_000)],
  ["a.f32", gguf.f32(0.5)],
  ["a.f64", { type: "f64", value: 0.1 }],
  ["a.u64", { type: "u64", value: 2n ** 60n }],
  ["a.bool", gguf.bool(true)],
  ["a.empty", gguf.strings([])],
  ["a.strings", gguf.strings(["", "Ġслово", "🌪"])],
  ["a.i32s", gguf.i32s([1, -2, 3])],
  ["a.bools", { type: "array", of: "bool", value: [true, false] }],
  ["a.i64s", { type: "array", of: "i64", value: BigInt64Array.of(-1n, 7n) }],
  ["__proto__", gguf.string("harmless")],
]);
const values = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));

beforeAll(async () => {
  const tensors = (["F32", "F16", "Q8_0"] as const).map((type) => ({
    name: `blk.0.${type}.weight`,
    shape: [32, 2],
    type,
    data: quantize(type, values),
  }));
  await writeGguf(path, { metadata, tensors });
});

describe("round trip", () => {
  test("metadata keeps types, values and order", () => {
    const file = readGguf(path);
    expect(file.version).toBe(3);
    expect([...file.metadata]).toEqual([...metadata]);
    expect(gguf.metadataNumber(file, "a.u32")).toBe(4_000_000_000);
    expect(gguf.metadataNumber(file, "absent", 7)).toBe(7);
    expect(gguf.metadataStrings(file, "a.strings")).toEqual(["", "Ġслово", "🌪"]);
    expect(Array.from(gguf.metadataNumbers(file, "a.i64s") ?? [])).toEqual([-1, 7]);
    expect(gguf.metadataBool(file, "a.bool")).toBe(true);
    expect(() => gguf.metadataNumber(file, "a.u64")).toThrow(/a.u64 should be a number and is u64/);
    expect(() => gguf.metadataString(file, "a.bool")).toThrow(InputError);
    expect(() => gguf.metadataString(file, "absent")).toThrow(/absent should be a string and is missing/);
  });

  test("tensors keep shape and bytes, and come back as floats", () => {
    const file = readGguf(path);
    expect(file.tensors.map((t) => [t.type, t.shape, t.offset, t.byteLength])).toEqual([
      ["F32", [32, 2], 0, 256],
      ["F16", [32, 2], 256, 128],
      ["Q8_0", [32, 2], 384, 68],
    ]);
    expect(readTensorFloats(file, "blk.0.F32.weight")).toEqual(values);
    expect(readTensor(file, "blk.0.F16.weight")).toEqual(quantize("F16", values));
    for (const name of ["blk.0.F16.weight", "blk.0.Q8_0.weight"])
      for (const [i, value] of readTensorFloats(file, name).entries())
        expect(Math.abs(value - values[i]!)).toBeLessThan(0.005);
    expect(() => readTensor(file, "absent")).toThrow(/there is no tensor absent/);
  });

  test("the writer refuses what readers would refuse", async () => {
    const data = new Uint8Array(64);
    const write = (tensor: object) =>
      writeGguf(join(folder, "never.gguf"), {
        metadata: new Map(),
        tensors: [{ name: "x", shape: [16], type: "F32" as const, data, ...tensor }],
      });
    await expect(write({ shape: [17] })).rejects.toThrow(/takes 68 bytes, not 64/);
    await expect(write({ type: "Q8_0", shape: [16, 2] })).rejects.toThrow(/takes undefined bytes/);
    await expect(write({ name: "x".repeat(64) })).rejects.toThrow(/longer than 63/);
    const wrong = new Map([["a", gguf.u32(-1)]]);
    await expect(writeGguf(path, { metadata: wrong, tensors: [] })).rejects.toThrow(/does not fit/);
    const aligned = new Map([["general.alignment", gguf.u32(64)]]);
    await expect(writeGguf(path, { metadata: aligned, tensors: [] })).rejects.toThrow(/not 32/);
  });
});

describe("hostile files", () => {
  const damaged = join(folder, "damaged.gguf");
  /** Reads and touches everything; only an InputError may come out. */
  function outcome(bytes: Uint8Array): string {
    writeFileSync(damaged, bytes);
    try {
      const file = readGguf(damaged);
      for (const tensor of file.tensors) readTensor(file, tensor.name);
      return "read";
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message).toContain(damaged);
      expect((error as Error).message).not.toMatch(/[\n\r]/);
      return (error as Error).message;
    }
  }

  test("cut short anywhere: an error", () => {
    const whole = readFileSync(path);
    const { dataOffset } = readGguf(path);
    for (let length = 0; length < dataOffset + 384 + 68; length += 9)
      expect(outcome(whole.subarray(0, length))).not.toBe("read");
  });

  test("any bytes changed: read or an error, never anything else", () => {
    const whole = readFileSync(path);
    const { dataOffset } = readGguf(path);
    const flips = fc.array(
      fc.tuple(fc.nat(dataOffset - 1), fc.oneof(fc.nat(255), fc.constantFrom(0, 127, 128, 255))),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(flips, (changes) => {
        const bytes = Buffer.from(whole);
        for (const [place, byte] of changes) bytes[place] = byte;
        outcome(bytes);
      }),
      { numRuns: 200 },
    );
  });

  test("random bytes after a good beginning: read or an error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
        outcome(Buffer.concat([Buffer.from("GGUF\x03\0\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0"), tail]));
      }),
      { numRuns: 150 },
    );
  });

  test("the reason is named", () => {
    const whole = readFileSync(path);
    const patched = (place: number, ...bytes: number[]) => {
      const copy = Buffer.from(whole);
      copy.set(bytes, place);
      return copy;
    };
    expect(outcome(patched(0, 80, 75))).toMatch(/does not begin with GGUF/);
    expect(outcome(patched(4, 9))).toMatch(/version 9 is neither/);
    expect(outcome(patched(4, 0, 0, 0, 3))).toMatch(/big-endian/);
    expect(outcome(patched(15, 255))).toMatch(/the number of tensors is \d+, more than/);
    expect(outcome(patched(24, 255, 255, 255, 255))).toMatch(/the length of key 0 is 4294967295, more than/);
    const typeAt = whole.indexOf("blk.0.Q8_0.weight") + "blk.0.Q8_0.weight".length + 4 + 16;
    expect(outcome(patched(typeAt, 99))).toMatch(/tensor blk.0.Q8_0.weight has type 99/);
    expect(outcome(patched(typeAt - 16, 31))).toMatch(/rows come in blocks of 32/);
    expect(outcome(patched(typeAt + 4, 1))).toMatch(/begins at 257 and should at 384/);
    expect(outcome(Buffer.alloc(0))).toMatch(/the file ends in the first four bytes/);
  });

  test("missing files, folders and files that shrink", () => {
    expect(() => readGguf(join(folder, "absent.gguf"))).toThrow(/there is no such file/);
    expect(() => readGguf(folder)).toThrow(/not a file/);
    writeFileSync(damaged, readFileSync(path));
    const file = readGguf(damaged);
    truncateSync(damaged, file.dataOffset + 10);
    expect(() => readTensor(file, "blk.0.F32.weight")).toThrow(/cut short while it was being read/);
  });
});
