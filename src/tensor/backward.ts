/** Reverse-mode differentiation: results and their gradients in, the gradients of the trainable leaves out. */

import { GRADIENTS } from "./gradients.ts";
import type { OpName } from "./operations.ts";
import { add } from "./ops.ts";
import type { Tensor } from "./tensor.ts";

/**
 * `results`: tensors, each with the gradient that comes in at it. Out: the gradients of the trainable leaves that they
 * depend on, in the order in which the pass completes them.
 */
export function backward(results: ReadonlyMap<Tensor, Tensor>): Map<Tensor, Tensor> {
  const leaves = new Map<Tensor, Tensor>();
  const { all } = differentiate(results, new Set());
  for (const [tensor, g] of all) if (tensor.op === "leaf") leaves.set(tensor, g);
  return leaves;
}

/** Gradients of everything that the results depend on, not going past `stop`. */
function differentiate(
  results: ReadonlyMap<Tensor, Tensor>,
  stop: Set<Tensor>,
): { all: Map<Tensor, Tensor> } {
  const all = new Map(results);
  const contribute = (tensor: Tensor, g: Tensor) => {
    const sum = all.get(tensor);
    // Re-inserting keeps the map in order of completion, which is the order of execution.
    all.delete(tensor);
    all.set(tensor, sum ? add(sum, g) : g);
  };
  for (const node of topologicalOrder([...results.keys()], stop).reverse()) {
    const g = all.get(node);
    if (!g || stop.has(node) || node.op === "leaf") continue;
    if (isOp(node, "checkpoint")) {
      const inner = differentiateCheckpoint(node, g);
      for (const [tensor, gi] of inner) contribute(tensor, gi);
      continue;
    }
    for (const [i, gi] of gradientsOf(node, g).entries())
      if (gi && node.inputs[i]!.needsGradient) contribute(node.inputs[i]!, gi);
  }
  return { all };
}

/** Rebuilds the nodes between the checkpoint's source and its input, and differentiates the copies. */
function differentiateCheckpoint(node: Tensor<"checkpoint">, gradient: Tensor): Map<Tensor, Tensor> {
  const source = node.attributes.source;
  const stop = new Set([source]);
  const copies = new Map<Tensor, Tensor>([[source, source]]);
  for (const original of topologicalOrder([node.inputs[0]!], stop)) {
    if (copies.has(original)) continue;
    copies.set(original, original.op === "leaf" ? original : copyNode(original, copies));
  }
  const { all } = differentiate(new Map([[copies.get(node.inputs[0]!)!, gradient]]), stop);
  return new Map([...all].filter(([tensor]) => tensor === source || tensor.op === "leaf"));
}

/** The same operation on the copies of its inputs; an inner checkpoint starts at the copy of its source. */
function copyNode(node: Tensor, copies: Map<Tensor, Tensor>): Tensor {
  const inputs = node.inputs.map((input) => copies.get(input)!);
  if (!isOp(node, "checkpoint")) return { ...node, inputs };
  return { ...node, inputs, attributes: { source: copies.get(node.attributes.source)! } };
}

function gradientsOf<K extends OpName>(node: Tensor<K>, gradient: Tensor): (Tensor | undefined)[] {
  const rule = GRADIENTS[node.op];
  if (rule === "none")
    throw new Error(`${node.op} has no gradient: it is for backward passes and updates only`);
  return rule(node, gradient);
}

function isOp<K extends OpName>(node: Tensor, op: K): node is Tensor<K> {
  return node.op === op;
}

/** All that `roots` depend on, inputs before users; iterative, since graphs are thousands of nodes deep. */
export function topologicalOrder(roots: readonly Tensor[], stop: Set<Tensor> = new Set()): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack: { node: Tensor; next: number }[] = [];
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    stack.push({ node: root, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const input = stop.has(top.node) ? undefined : top.node.inputs[top.next++];
      if (input === undefined) {
        order.push(top.node);
        stack.pop();
      } else if (!seen.has(input)) {
        seen.add(input);
        stack.push({ node: input, next: 0 });
      }
    }
  }
  return order;
}
