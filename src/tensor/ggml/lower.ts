/** Each operation as ggml calls. In: a node and the native tensors of its inputs. Out: the native result. */
import type { OpName } from "../operations.ts";
import type { Shape, Tensor } from "../tensor.ts";
import type { Ggml, Pointer } from "./bindings.ts";
import type { Generated } from "./generated.ts";
import { lowerMatmul, lowerOuter } from "./products.ts";
import { permuted, transposed } from "./rearrange.ts";

export interface LowerContext {
  ggml: Ggml;
  /** The ggml context that holds the graph's tensors. */
  context: Pointer;
  /** softmax(logits) per logits tensor: computed for the log-probability, used again by its gradient. */
  probabilities: Map<Tensor, Pointer>;
  /** Transposed copies that several products read. */
  transposes: Map<Tensor, Pointer>;
  /** Whether this tensor has one user and is no result: that user may overwrite it. */
  isPrivate(node: Tensor): boolean;
  /** i32 [1, count] of zeros. */
  zeros(count: number): Pointer;
  generated: Generated | undefined;
  /** The native tensor of one that comes before this node. */
  pointerOf(tensor: Tensor): Pointer;
}

type Lowering<K extends OpName> = (c: LowerContext, node: Tensor<K>, inputs: Pointer[]) => Pointer;

type Unary = (c: Pointer, a: Pointer) => Pointer;
type Binary = (c: Pointer, a: Pointer, b: Pointer) => Pointer;

const unary =
  (pick: (ggml: Ggml) => Unary): Lowering<OpName> =>
  (c, _, [a]) =>
    pick(c.ggml)(c.context, a!);

const binary =
  (pick: (ggml: Ggml) => Binary): Lowering<OpName> =>
  (c, _, [a, b]) =>
    pick(c.ggml)(c.context, a!, b!);

export const LOWERINGS: { [K in OpName]: Lowering<K> } = {
  leaf: (_, node) => {
    throw new Error(`leaf ${node.attributes.name} was not allocated on this backend`);
  },
  matmul: lowerMatmul,
  outer: lowerOuter,
  transpose: (c, { inputs }, [a]) => transposed(c, a!, inputs[0]!.shape),
  permute: (c, { inputs, attributes }, [a]) => permuted(c, a!, inputs[0]!.shape, attributes.order),
  reshape: ({ ggml, context }, node, [a]) => ggml.reshape(context, a!, ...node.shape),
  add: binary((g) => g.add),
  mul: binary((g) => g.mul),
  scale: ({ ggml, context }, { attributes }, [a]) => ggml.scale(context, a!, attributes.factor),
  sumRows: ({ ggml, context }, node, [a]) =>
    ggml.repeatBack(context, a!, ggml.newTensor(context, 0, ...node.shape)),
  rmsNorm: ({ ggml, context }, { attributes }, [a]) => ggml.rmsNorm(context, a!, attributes.epsilon),
  rmsNormBack: ({ ggml, context }, { attributes }, [g, x]) =>
    ggml.rmsNormBack(context, g!, x!, attributes.epsilon),
  rope: ({ ggml, context }, { attributes: { dimensions, base } }, [x, pos]) =>
    ggml.rope(context, x!, pos!, dimensions, base),
  ropeBack: ({ ggml, context }, { attributes: { dimensions, base } }, [g, pos]) =>
    ggml.ropeBack(context, g!, pos!, dimensions, base),
  swiglu: binary((g) => g.swiglu),
  silu: unary((g) => g.silu),
  siluBack: ({ ggml, context, generated }, { shape }, [g, x]) =>
    generated?.rows(context, shape, { name: "siluBack" }, [g!, x!]) ?? ggml.siluBack(context, g!, x!),
  softmax: ({ ggml, context, generated }, { shape, attributes: { factor } }, [x, mask, table]) =>
    generated?.rows(context, shape, { name: "softmax", factor, visible: table !== undefined }, [
      x!,
      mask!,
      ...(table ? [table] : []),
    ]) ?? ggml.softmaxMasked(context, x!, mask!, factor),
  softmaxBack: lowerSoftmaxBack,
  rows: binary((g) => g.getRows),
  rowsBack: ({ ggml, context }, _, [g, index, table]) => ggml.getRowsBack(context, g!, index!, table!),
  labelLogprob: lowerLabelLogprob,
  labelLogprobBack: lowerLabelLogprobBack,
  checkpoint: (_, __, [a]) => a!,
  accumulate: binary((g) => g.addInplace),
  sumSquares: ({ ggml, context }, _, [a]) => ggml.sum(context, ggml.sqr(context, a!)),
  adamw: ({ ggml, context }, _, [parameter, gradient, m, v, settings, factor]) => {
    ggml.setParam(parameter!);
    const clipped = ggml.mul(context, gradient!, factor!);
    return ggml.adamw(context, parameter!, clipped, m!, v!, settings!);
  },
  assign: ({ ggml, context }, _, [into, x]) => ggml.copy(context, x!, into!),
  scaleBy: binary((g) => g.mul),
};

/**
 * Not the variant that makes a new tensor: the allocator may place it over the softmax's own result, which the
 * CPU kernel still reads, and the gradient is then garbage without a word. In place it overwrites its incoming
 * gradient, which others may want: then of a copy.
 */
function lowerSoftmaxBack(c: LowerContext, node: Tensor<"softmaxBack">, [g, y, table]: Pointer[]): Pointer {
  const generated = c.generated?.rows(
    c.context,
    node.shape,
    { name: "softmaxBack", factor: node.attributes.factor, visible: table !== undefined },
    [g!, y!, ...(table ? [table] : [])],
  );
  if (generated !== undefined) return generated;
  let owner = node.inputs[0]!;
  while (owner.op === "reshape" && c.isPrivate(owner)) owner = owner.inputs[0]!;
  const own = owner.op === "matmul" && c.isPrivate(owner);
  const overwritten = own ? g! : c.ggml.cont(c.context, g!);
  return c.ggml.softmaxBackInplace(c.context, overwritten, y!, node.attributes.factor);
}

/** Picks from every column of [V,N] the number whose row index [N] gives: [1,N]. */
function pick({ ggml, context }: LowerContext, table: Pointer, index: Pointer, [v, n]: Shape): Pointer {
  const columns = ggml.reshape(context, table, 1, v, n, 1);
  const picked = ggml.getRows(context, columns, ggml.reshape(context, index, 1, n, 1, 1));
  return ggml.reshape(context, picked, 1, n, 1, 1);
}

/** Of each table [V,N] the largest number in every column, [1,N]; all have theirs in the same places. */
function largest(c: LowerContext, tables: readonly Pointer[], shape: Shape): Pointer[] {
  const { ggml, context, generated } = c;
  let best: Pointer | undefined;
  return tables.map((table) => {
    const found = generated?.rows(context, shape, { name: "maximum" }, [table, table]);
    if (found !== undefined) return found;
    best ??= ggml.argmax(context, tables[0]!);
    return pick(c, table, best, shape);
  });
}

/**
 * logit[label] - logit[best] + log p[best]: the difference is exact where both logits are large, and p[best] is
 * at least 1/V, so that its logarithm is accurate however unlikely the label is.
 */
function lowerLabelLogprob(
  c: LowerContext,
  node: Tensor<"labelLogprob">,
  [logits, labels]: Pointer[],
): Pointer {
  const { ggml, context } = c;
  const shape = node.inputs[0]!.shape;
  const probabilities = ggml.softmax(context, logits!);
  c.probabilities.set(node.inputs[0]!, probabilities);
  const [most, mostLikely] = largest(c, [logits!, probabilities], shape);
  const gap = ggml.sub(context, pick(c, logits!, labels!, shape), most!);
  return ggml.add(context, gap, ggml.log(context, mostLikely!));
}

/** Column n is c[n] * (onehot(label) - p): minus c * p everywhere, and c - c * p[label] written over the label. */
function lowerLabelLogprobBack(
  c: LowerContext,
  node: Tensor<"labelLogprobBack">,
  [weights, logits, labels, flat]: Pointer[],
): Pointer {
  const { ggml, context } = c;
  const [v, n] = node.shape;
  const known = c.probabilities.get(node.inputs[1]!);
  const p = known ?? ggml.softmax(context, logits!);
  const atLabel = ggml.sub(context, weights!, ggml.mul(context, pick(c, p, labels!, node.shape), weights!));
  const elsewhere =
    c.generated?.rows(context, node.shape, { name: "negativeScale" }, [p, weights!]) ??
    ggml.mul(context, p, ggml.neg(context, weights!));
  const flattened = ggml.reshape(context, elsewhere, 1, v * n, 1, 1);
  return ggml.reshape(context, ggml.setRows(context, flattened, atLabel, flat!), v, n, 1, 1);
}
