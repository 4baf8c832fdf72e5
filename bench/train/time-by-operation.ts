/**
 * Where a step's time goes, on a backend with one thread: the graph of a step with every operation as a phase of its
 * own, each timed, in seconds of the processor, which other work on the machine changes little. Reshapes do
 * nothing, so their time is that of the call, which is taken off the others. Every result is kept here, and nothing
 * written over its input, so that the sum is a little above the real step.
 */

import { batchInputs, batchLeaves, llamaLogprobs } from "../../src/model/llama.ts";
import { initialValues, llamaParameters } from "../../src/model/llama-parameters.ts";
import { backward, topologicalOrder } from "../../src/tensor/backward.ts";
import type { GgmlBackend } from "../../src/tensor/ggml/backend.ts";
import { accumulate, adamw, leaf, sumSquares } from "../../src/tensor/ops.ts";
import { elementCount, type Tensor } from "../../src/tensor/tensor.ts";
import { writeBatch } from "../../src/train/loop.ts";
import { rowPacker } from "../../src/train/pack.ts";
import { median } from "../statistics.ts";
import type { BenchShape } from "./shapes.ts";

export interface OperationTime {
  kind: string;
  /** In one step. */
  count: number;
  /** Of the processor. */
  milliseconds: number;
  /** Of products. */
  gflops?: number;
}

export async function timeByOperation(
  shape: BenchShape,
  backend: GgmlBackend,
  rounds: number,
): Promise<OperationTime[]> {
  const nodes = stepNodes(shape, backend);
  const program = backend.compile(nodes.map((node) => [node]));
  const times = nodes.map(() => [] as number[]);
  for (let round = 0; round <= rounds; round++)
    for (const [i] of nodes.entries()) {
      const start = process.cpuUsage();
      await program.run(i);
      const { user, system } = process.cpuUsage(start);
      // The first round touches fresh memory.
      if (round > 0) times[i]!.push((user + system) / 1000);
    }
  program.close();
  const typical = times.map(median);
  const call = median(typical.filter((_, i) => nodes[i]!.op === "reshape"));
  const kinds = new Map<string, { count: number; milliseconds: number; flops: number }>();
  for (const [i, node] of nodes.entries()) {
    if (node.op === "reshape") continue;
    const kind = kindOf(node);
    const sum = kinds.get(kind) ?? { count: 0, milliseconds: 0, flops: 0 };
    sum.count++;
    sum.milliseconds += Math.max(0, typical[i]! - call);
    sum.flops += flopsOf(node);
    kinds.set(kind, sum);
  }
  const found = [...kinds].map(([kind, { count, milliseconds, flops }]) => ({
    kind,
    count,
    milliseconds,
    ...(flops > 0 ? { gflops: flops / milliseconds / 1e6 } : {}),
  }));
  return found.sort((a, b) => b.milliseconds - a.milliseconds);
}

/** Everything that a step computes, in order: forward, backward, norm, update. */
function stepNodes(shape: BenchShape, backend: GgmlBackend): Tensor[] {
  const { config, length, rows } = shape;
  const parameters = llamaParameters(config);
  const inputs = batchInputs(rows, length);
  const incoming = leaf("gradient", [1, rows * length]);
  const [settings, factor] = [leaf("settings", [7]), leaf("factor", [1])];
  backend.allocate([...parameters.all, ...batchLeaves(inputs), incoming, settings, factor]);
  for (const [p, values] of initialValues(config, parameters, 0)) backend.write(p, values);
  const ids = Int32Array.from({ length }, (_, i) => (i * 97) % config.vocabularySize);
  const sequence = {
    ids,
    weights: new Float32Array(length).fill(1),
    isAnswer: new Uint8Array(length).fill(1),
  };
  writeBatch(
    backend,
    inputs,
    rowPacker({ length: rows, total: rows, cluster: () => [sequence] }, { rowCount: rows, length })().rows,
    config.vocabularySize,
  );
  backend.write(incoming, new Float32Array(rows * length).fill(-1 / (rows * length)));
  backend.write(settings, Float32Array.of(1e-6, 0.9, 0.95, 1e-8, 0.01, 1, 1));
  backend.write(factor, Float32Array.of(1));
  const { next: logprobs } = llamaLogprobs(config, parameters, inputs);
  const gradients = backward(new Map([[logprobs, incoming]]));
  const updates = [...gradients].flatMap(([p, g]) => {
    const state = ["sum", "m", "v"].map((name) => leaf(name, p.shape));
    backend.allocate(state);
    const [sum, m, v] = state as [Tensor, Tensor, Tensor];
    const added = accumulate(sum, g);
    return [added, sumSquares(sum), adamw(p, sum, m, v, settings, factor)];
  });
  return topologicalOrder([logprobs, ...gradients.values(), ...updates]).filter(
    // Generated products read the original of a transpose; where a copy is needed, its user's phase makes it.
    (node) => node.op !== "leaf" && node.op !== "transpose",
  );
}

function kindOf(node: Tensor): string {
  const [, , heads, batch] = node.shape;
  const inHeads = heads * batch > 1;
  if (node.op === "matmul")
    return inHeads ? "products of attention (matmul)" : `products with weights (matmul)`;
  if (node.op === "outer") return inHeads ? "products of attention (outer)" : "gradients of weights (outer)";
  return node.op;
}

/** 0 for products of attention that leave blocks out: how many depends on the mask. */
function flopsOf(node: Tensor): number {
  const [a, , table] = node.inputs;
  if (table) return 0;
  if (node.op === "matmul") return 2 * elementCount(node.shape) * a!.shape[0];
  if (node.op === "outer") return 2 * elementCount(node.shape) * a!.shape[1];
  return 0;
}
