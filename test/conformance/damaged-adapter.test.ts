/** No adapter ends the process: damaged and hostile ones are opened in a child, which must live to report on each. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { f32, string, u32 } from "../../src/gguf/metadata.ts";
import { readGguf } from "../../src/gguf/read-gguf.ts";
import { readTensor } from "../../src/gguf/read-tensor.ts";
import { type TensorType, tensorByteLength } from "../../src/gguf/tensor-types.ts";
import { type GgufTensor, writeGguf } from "../../src/gguf/write-gguf.ts";
import { type TinyAdapterOptions, writeTinyAdapter } from "./tiny-adapter.ts";
import { writeTinyGguf } from "./tiny-gguf.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-damaged-adapter-"));
const file = (name: string) => join(folder, `${name}.gguf`);
const [model, tied, whole] = [file("model"), file("tied"), file("whole")];
/** Adapters in the order in which the child opens them, each with its model, and what it said of each. */
const pairs: [model: string, adapter: string][] = [];
const outcomes = new Map<string, string>();

const Q = "blk.0.attn_q.weight";
/** One tensor in another shape or type, of zeros. */
const reshape = (name: string, shape: number[], type: TensorType = "F32") => ({
  change: (tensors: GgufTensor[]) =>
    tensors.map((tensor) =>
      tensor.name === name
        ? { name, shape, type, data: new Uint8Array(tensorByteLength(type, shape)!) }
        : tensor,
    ),
});
const extra = (name: string, shape: number[]) => ({
  change: (tensors: GgufTensor[]): GgufTensor[] => [
    ...tensors,
    { name, shape, type: "F32", data: new Uint8Array(tensorByteLength("F32", shape)!) },
  ],
});

/** What a whole file may still say. On many of these llama.cpp by itself ends the process, when it loads or when it answers. */
const SENSELESS: Record<string, TinyAdapterOptions> = {
  "no adapter": { metadata: { "general.type": string("model") } },
  "type unnamed": { metadata: { "general.type": undefined } },
  "type is a number": { metadata: { "general.type": u32(1) } },
  "another kind": { metadata: { "adapter.type": string("ia3") } },
  "kind is a number": { metadata: { "adapter.type": u32(1) } },
  "another architecture": { metadata: { "general.architecture": string("qwen2") } },
  "alpha a whole number": { metadata: { "adapter.lora.alpha": u32(8) } },
  "alpha a text": { metadata: { "adapter.lora.alpha": string("8") } },
  "alpha not a number": { metadata: { "adapter.lora.alpha": f32(Number.NaN) } },
  "alpha infinite": { metadata: { "adapter.lora.alpha": f32(Number.POSITIVE_INFINITY) } },
  "begins at tokens": { metadata: { "adapter.alora.invocation_tokens": u32(1) } },
  "no tensors": { change: () => [] },
  "half a pair": { change: (tensors) => tensors.slice(1) },
  "other half": { change: (tensors) => tensors.toSpliced(1, 1) },
  "no suffix": extra("blk.0.attn_q.weight", [32, 32]),
  "a norm": extra("blk.0.attn_norm.weight", [32]),
  "unknown matrix": {
    change: (tensors) => tensors.map((t) => ({ ...t, name: t.name.replace("blk.0", "blk.7") })),
  },
  "a of other ranks": reshape(`${Q}.lora_a`, [32, 5]),
  "b of other ranks": reshape(`${Q}.lora_b`, [5, 32]),
  "a too narrow": reshape(`${Q}.lora_a`, [16, 4]),
  "b too short": reshape(`${Q}.lora_b`, [4, 16]),
  "a in three dimensions": reshape(`${Q}.lora_a`, [32, 4, 3]),
  "b in three dimensions": reshape(`${Q}.lora_b`, [4, 32, 2]),
  "a one row": reshape(`${Q}.lora_a`, [32]),
  integers: reshape(`${Q}.lora_a`, [32, 4], "I32"),
  doubles: reshape(`${Q}.lora_a`, [32, 4], "F64"),
  "blocks for activations": reshape(`${Q}.lora_a`, [32, 4], "Q8_1"),
  "embeddings not turned": {
    names: /token_embd/,
    change: (tensors) => tensors.map(({ shape, ...t }) => ({ ...t, shape: shape.toReversed() })),
  },
  "embeddings of two ranks": reshape("token_embd.weight.lora_b", [7, 32]),
  "rank beyond the matrix": { names: /attn_q/, rank: 40 },
};

beforeAll(async () => {
  await writeTinyGguf(model);
  const { metadata, tensors, ...rest } = readGguf(model);
  const others = tensors.filter(({ name }) => name !== "output.weight");
  const data = ({ name }: { name: string }) => readTensor({ metadata, tensors, ...rest }, name);
  await writeGguf(tied, { metadata, tensors: others.map((one) => ({ ...one, data: data(one) })) });
  await writeTinyAdapter(whole, model);
  pairs.push([model, whole]);
  await writeTinyAdapter(file("of the blocks"), tied, { names: /blk/ });
  pairs.push([tied, file("of the blocks")]);
  await writeTinyAdapter(file("senseless, embeddings that are the output"), tied);
  pairs.push([tied, file("senseless, embeddings that are the output")]);
  for (const [name, options] of Object.entries(SENSELESS)) {
    await writeTinyAdapter(file(`senseless, ${name}`), model, options);
    pairs.push([model, file(`senseless, ${name}`)]);
  }
  const bytes = readFileSync(whole);
  const write = (name: string, content: Uint8Array) => {
    writeFileSync(file(name), content);
    pairs.push([model, file(name)]);
  };
  for (const part of [0.01, 0.1, 0.3, 0.9, 0.9999])
    write(`cut ${part}`, bytes.subarray(0, Math.floor(part * bytes.length)));
  const { dataOffset, tensors: written } = readGguf(whole);
  const { offset } = written.find(({ name }) => name === "blk.1.ffn_down.weight.lora_a")!;
  let state = 20_260_102;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let i = 0; i < 120; i++) {
    const damaged = Buffer.from(bytes);
    for (let n = 0; n <= i % 3; n++) {
      // Mostly the header, where a change may go unnoticed the furthest.
      const place = random(4) > 0 ? random(dataOffset) : dataOffset + random(bytes.length - dataOffset);
      damaged[place] = damaged[place]! ^ (1 << random(8));
    }
    write(`flipped ${i}`, damaged);
  }
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 3e38]) {
    const damaged = Buffer.from(bytes);
    for (let i = 0; i < 64; i++) damaged.writeFloatLE(value, dataOffset + offset + 4 * i);
    write(`weights ${value}`, damaged);
  }
  const child = resolve(import.meta.dirname, "open-damaged-adapter.ts");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", child, ...pairs.flat()],
    { maxBuffer: 2 ** 24 },
  ).catch((error: { stdout: string }) => error);
  for (const line of stdout.split("\n").filter((text) => text !== "")) {
    const { path, outcome } = JSON.parse(line) as { path: string; outcome: string };
    outcomes.set(path, outcome);
  }
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

const of = (name: string) =>
  pairs.map(([, adapter]) => adapter).filter((path) => path.startsWith(join(folder, name)));

test("no file ended the child, and none brought an error that is not ours", () => {
  // The first file without an outcome is the one that did.
  expect(pairs.map(([, adapter]) => adapter).find((path) => !outcomes.has(path))).toBeUndefined();
  expect(pairs.length).toBeGreaterThan(150);
  for (const outcome of outcomes.values()) expect(outcome).toMatch(/^(answered|refused: )/);
});

test("whole ones answer; what is cut short, or makes no sense, is refused by name", () => {
  expect(outcomes.get(whole)).toBe("answered");
  expect(outcomes.get(file("of the blocks"))).toBe("answered");
  expect(of("senseless, ").length).toBe(Object.keys(SENSELESS).length + 1);
  for (const path of [...of("cut "), ...of("senseless, ")])
    expect(outcomes.get(path)).toContain(`refused: ${path}: `);
});

test("weights that are not finite are refused; those that overflow show in the answer", () => {
  expect(outcomes.get(file("weights NaN"))).toMatch(/has a weight that is not finite/);
  expect(outcomes.get(file("weights Infinity"))).toMatch(/has a weight that is not finite/);
  expect(outcomes.get(file("weights 3e+38"))).toMatch(/^refused: .*\.gguf: .*not finite/);
});
