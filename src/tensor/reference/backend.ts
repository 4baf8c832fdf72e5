/**
 * Executes graphs in plain TypeScript, in doubles, one obvious loop per operation: what the fast backends are
 * compared with, and exact enough for finite differences. Thousands of times slower than ggml.
 */
import { type Backend, checkValues, type Program, phaseOrder } from "../backend.ts";
import { topologicalOrder } from "../backward.ts";
import type { OpName } from "../operations.ts";
import { elementCount, type Tensor } from "../tensor.ts";
import type { Evaluation, Values } from "./evaluation.ts";
import { LINEAR } from "./linear.ts";
import { LOOKUP_AND_UPDATE } from "./lookup-and-update.ts";
import { NONLINEAR } from "./nonlinear.ts";

const EVALUATIONS: { [K in OpName]: Evaluation<K> } = { ...LINEAR, ...NONLINEAR, ...LOOKUP_AND_UPDATE };

export interface ReferenceProgram extends Program {
  /** `read`, in doubles. */
  readExact(result: Tensor): Float64Array;
}

export interface ReferenceBackend extends Backend {
  /** `write` and `read`, in doubles. */
  writeExact(leaf: Tensor, values: Float64Array): void;
  readExact(leaf: Tensor): Float64Array;
  compile(phases: readonly (readonly Tensor[])[]): ReferenceProgram;
}

export function openReferenceBackend(): ReferenceBackend {
  const leaves = new Map<Tensor, Values>();
  const valuesOf = (leaf: Tensor): Values => {
    const values = leaves.get(leaf);
    if (!values) throw new Error("the tensor is not a leaf of this backend");
    return values;
  };
  return {
    name: "reference",
    allocate(tensors) {
      for (const t of tensors) leaves.set(t, new Float64Array(elementCount(t.shape)));
    },
    write(leaf, values) {
      const stored = valuesOf(leaf);
      checkValues(leaf, values);
      stored.set(values instanceof BigInt64Array ? Array.from(values, Number) : values);
    },
    writeExact: (leaf, values) => valuesOf(leaf).set(values),
    read: (leaf) => new Float32Array(valuesOf(leaf)),
    readExact: (leaf) => valuesOf(leaf).slice(),
    zero(tensors) {
      for (const t of tensors) valuesOf(t).fill(0);
    },
    compile: (phases) => compile(leaves, phases),
    close: () => leaves.clear(),
  };
}

function compile(leaves: Map<Tensor, Values>, phases: readonly (readonly Tensor[])[]): ReferenceProgram {
  const steps: Tensor[][] = [];
  const planned = new Set<Tensor>();
  for (const results of phases) {
    const step = topologicalOrder(results).filter((node) => node.op !== "leaf" && !planned.has(node));
    for (const node of step) planned.add(node);
    steps.push(step);
  }
  const computed = new Map<Tensor, Values>();
  const valuesOf = (tensor: Tensor): Values => {
    const values = leaves.get(tensor) ?? computed.get(tensor);
    if (!values) throw new Error(`${tensor.op} has no value yet`);
    return values;
  };
  const requireOrder = phaseOrder();
  return {
    async run(phase) {
      requireOrder(phase);
      for (const node of steps[phase]!) computed.set(node, evaluate(node, node.inputs.map(valuesOf)));
    },
    read: (result) => new Float32Array(valuesOf(result)),
    readExact: (result) => valuesOf(result).slice(),
    get memoryBytes() {
      return [...computed.values()].reduce((sum, values) => sum + values.byteLength, 0);
    },
    close: () => computed.clear(),
  };
}

/** The table's entry for this node's own operation: TypeScript cannot follow the pairing through the union. */
function evaluate(node: Tensor, inputs: Values[]): Values {
  return (EVALUATIONS[node.op] as (node: Tensor, inputs: Values[]) => Values)(node, inputs);
}
