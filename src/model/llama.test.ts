/** The graph on both backends; rows that share dialogues and beginnings against every sequence by itself. */
import { afterAll, describe, expect, test } from "vitest";
import type { Backend } from "../tensor/backend.ts";
import { backward } from "../tensor/backward.ts";
import { openGgmlBackend } from "../tensor/ggml/backend.ts";
import { VISIBILITY_BLOCK } from "../tensor/operations.ts";
import { leaf } from "../tensor/ops.ts";
import { openReferenceBackend } from "../tensor/reference/backend.ts";
import { differenceOf } from "../tensor/reference/check-gradients.ts";
import { visibleBlocks } from "../tensor/visible-blocks.ts";
import { batchInputs, batchLeaves, llamaLogprobs } from "./llama.ts";
import type { LlamaConfig } from "./llama-config.ts";
import { initialValues, llamaParameters } from "./llama-parameters.ts";

const config: LlamaConfig = {
  vocabularySize: 40,
  width: 32,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headSize: 8,
  feedForward: 48,
  ropeBase: 10_000,
  rmsEpsilon: 1e-5,
  contextLength: 64,
  tied: true,
};
const variants: [string, LlamaConfig][] = [
  ["grouped queries, tied", config],
  ["grouped queries, untied", { ...config, tied: false }],
  ["as many key heads, tied", { ...config, kvHeads: 4 }],
  ["one key head, heads wider than the stream, untied", { ...config, kvHeads: 1, headSize: 16, tied: false }],
];

const ggml = await openGgmlBackend();
afterAll(() => ggml.close());

/** Ids, and for each token which earlier ones it sees and where it stands. */
interface Row {
  tokens: number[];
  positions: number[];
  sees(query: number, key: number): boolean;
}

function alone(tokens: number[]): Row {
  return { tokens, positions: [...tokens.keys()], sees: (query, key) => key <= query };
}

/** Sequences one after another, each seeing itself only. */
function packed(sequences: number[][]): Row {
  const owner = sequences.flatMap((s, i) => s.map(() => i));
  return {
    tokens: sequences.flat(),
    positions: sequences.flatMap((s) => [...s.keys()]),
    sees: (query, key) => key <= query && owner[key] === owner[query],
  };
}

/** A beginning seen by several continuations, which do not see each other. */
function branched(shared: number[], rests: number[][]): Row {
  const owner = [...shared.map(() => -1), ...rests.flatMap((r, i) => r.map(() => i))];
  return {
    tokens: [...shared, ...rests.flat()],
    positions: [...shared.keys(), ...rests.flatMap((r) => r.map((_, i) => shared.length + i))],
    sees: (query, key) => key <= query && (owner[key] === -1 || owner[key] === owner[query]),
  };
}

const label = (token: number, position: number) => (token * 5 + position) % config.vocabularySize;

/** Log-probabilities of `label` for every token of every row; rows are padded to one length. */
async function logprobs(backend: Backend, shape: LlamaConfig, rows: Row[]): Promise<number[][]> {
  return (await logprobsAndGradients(backend, shape, rows)).logprobs;
}

/** Parameters and a batch, with their values. */
function prepare(backend: Backend, shape: LlamaConfig, rows: Row[], options: { auxiliary?: boolean } = {}) {
  const length = Math.max(...rows.map((row) => row.tokens.length));
  const parameters = llamaParameters(shape);
  const inputs = batchInputs(rows.length, length, options);
  backend.allocate([...parameters.all, ...batchLeaves(inputs)]);
  // Gains of exactly 1 would hide a forgotten one.
  for (const [p, values] of initialValues(shape, parameters, 5))
    backend.write(p, p.shape[1] === 1 ? values.map((_, i) => 1 + (i % 5) / 10) : values);
  const padded = (values: number[]) => [...values, ...Array<number>(length - values.length).fill(0)];
  const tokens = rows.flatMap((row) => padded(row.tokens));
  const positions = rows.flatMap((row) => padded(row.positions));
  const labels = tokens.map((token, i) => label(token, positions[i]!));
  backend.write(inputs.tokens, Int32Array.from(tokens));
  backend.write(inputs.positions, Int32Array.from(positions));
  const flat = BigInt64Array.from(labels, (l, i) => BigInt(i * shape.vocabularySize + l));
  for (const ids of [inputs.labels, inputs.auxiliaryLabels])
    if (ids) backend.write(ids, Int32Array.from(labels));
  for (const ids of [inputs.flatLabels, inputs.flatAuxiliaryLabels]) if (ids) backend.write(ids, flat);
  const mask = maskOf(rows, length);
  backend.write(inputs.mask, mask);
  if (inputs.blocks) backend.write(inputs.blocks, visibleBlocks(mask, length));
  return { parameters, inputs, labels, length };
}

/** And the gradient of a weighted sum of them by every parameter. */
async function logprobsAndGradients(backend: Backend, shape: LlamaConfig, rows: Row[]) {
  const { parameters, inputs, labels, length } = prepare(backend, shape, rows);
  const { next: result } = llamaLogprobs(shape, parameters, inputs);
  const weights = leaf("weights", result.shape);
  backend.allocate([weights]);
  const gradients = [...backward(new Map([[result, weights]])).values()];
  const program = backend.compile([[result], gradients]);
  backend.write(
    weights,
    Float32Array.from(labels, (l, i) =>
      i % length < rows[Math.floor(i / length)]!.tokens.length ? l - 9.5 : 0,
    ),
  );
  await program.run(0);
  const values = program.read(result);
  await program.run(1);
  const slopes = gradients.map((gradient) => program.read(gradient));
  program.close();
  return {
    logprobs: rows.map((row, r) => [...values.subarray(r * length, r * length + row.tokens.length)]),
    gradients: slopes,
  };
}

function maskOf(rows: Row[], length: number): Float32Array {
  const isSeen = (row: Row, query: number, key: number) =>
    query < row.tokens.length ? row.sees(query, key) : key === query;
  return Float32Array.from({ length: rows.length * length * length }, (_, i) => {
    const row = rows[Math.floor(i / (length * length))]!;
    return isSeen(row, Math.floor(i / length) % length, i % length) ? 0 : Number.NEGATIVE_INFINITY;
  });
}

function largestGap(a: number[], b: number[]): number {
  expect(a).toHaveLength(b.length);
  return Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));
}

const sequences = [
  [3, 1, 4, 1, 5, 9, 2, 6, 5, 3],
  [7, 7, 0, 39],
  [11, 3, 1, 4, 20],
];
const shared = [8, 2, 8, 1, 30, 31];
const rests = [[4, 4], [5, 9, 0, 12], [6]];

describe.each(variants)("%s", (_, shape) => {
  test("ggml gives what the reference gives", async () => {
    const rows = [...sequences.map(alone), packed(sequences), branched(shared, rests)];
    const [fast, exact] = [
      await logprobs(ggml, shape, rows),
      await logprobs(openReferenceBackend(), shape, rows),
    ];
    for (const [i, row] of fast.entries()) expect(largestGap(row, exact[i]!)).toBeLessThan(1e-5);
    // Not a model that gives every token the same.
    expect(
      largestGap(
        fast[0]!,
        fast[0]!.map(() => fast[0]![0]!),
      ),
    ).toBeGreaterThan(0.1);
  });

  test("in rows of several blocks too, most of which nobody sees, and the gradients with them", async () => {
    const text = (length: number, seed: number) => Array.from({ length }, (_, i) => (i * i + seed * i) % 40);
    const length = 3 * VISIBILITY_BLOCK;
    const rows = [
      packed([text(length / 2, 1), text(40, 2), text(length / 2 - 40, 3)]),
      branched(text(length / 3, 4), [text(50, 5), text(78, 6)]),
      alone(text(length, 7)),
    ];
    const [fast, exact] = [
      await logprobsAndGradients(ggml, shape, rows),
      await logprobsAndGradients(openReferenceBackend(), shape, rows),
    ];
    for (const [i, row] of fast.logprobs.entries())
      expect(largestGap(row, exact.logprobs[i]!)).toBeLessThan(1e-5);
    for (const [i, slopes] of fast.gradients.entries())
      expect(differenceOf(slopes, exact.gradients[i]!)).toBeLessThan(1e-5);
  });

  test("packed and branched rows give what the sequences give one by one", async () => {
    const whole = rests.map((rest) => [...shared, ...rest]);
    const one = await Promise.all([...sequences, ...whole].map((s) => logprobs(ggml, shape, [alone(s)])));
    const byItself = one.map(([row]) => row!);
    const [inRow, inBranches] = await logprobs(ggml, shape, [packed(sequences), branched(shared, rests)]);
    expect(largestGap(inRow!, byItself.slice(0, 3).flat())).toBeLessThan(1e-5);
    const wanted = [
      byItself[3]!.slice(0, shared.length),
      ...byItself.slice(3).map((row) => row.slice(shared.length)),
    ];
    expect(largestGap(inBranches!, wanted.flat())).toBeLessThan(1e-5);
  });
});

test("auxiliary log-probabilities are those of the model cut off after its middle layer, and gradients add up", async () => {
  const shape = { ...config, layers: 3 };
  const { parameters, inputs } = prepare(ggml, shape, sequences.map(alone), { auxiliary: true });
  const cut = { ...parameters, layers: parameters.layers.slice(0, 2) };
  const { next, auxiliary } = llamaLogprobs(shape, parameters, inputs);
  const { next: short } = llamaLogprobs({ ...shape, layers: 2 }, cut, inputs);
  const [one, two] = [leaf("one", next.shape), leaf("two", next.shape)];
  ggml.allocate([one, two]);
  const passes = [
    new Map([[next, one]]),
    new Map([[auxiliary!, two]]),
    new Map([
      [next, one],
      [auxiliary!, two],
    ]),
  ].map((results) => backward(results));
  const program = ggml.compile([[next, auxiliary!, short], passes.flatMap((pass) => [...pass.values()])]);
  const weights = (by: number) => Float32Array.from({ length: next.shape[1]! }, (_, i) => ((i * by) % 7) - 3);
  ggml.write(one, weights(2));
  ggml.write(two, weights(3));
  await program.run(0);
  expect([...program.read(auxiliary!)]).toEqual([...program.read(short)]);
  expect(largestGap([...program.read(auxiliary!)], [...program.read(next)])).toBeGreaterThan(0.01);
  await program.run(1);
  const [ofNext, ofAuxiliary, ofBoth] = passes;
  expect([...ofBoth!.keys()]).toHaveLength(parameters.all.length);
  for (const [parameter, gradient] of ofBoth!) {
    const parts = [ofNext!.get(parameter), ofAuxiliary!.get(parameter)].map((g) => g && program.read(g));
    const sum = Float32Array.from(
      program.read(gradient),
      (_, i) => (parts[0]?.[i] ?? 0) + (parts[1]?.[i] ?? 0),
    );
    expect(differenceOf(program.read(gradient), sum)).toBeLessThan(1e-5);
  }
  program.close();
});
