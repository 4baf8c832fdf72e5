/**
 * The products `matmul` and `outer` as ggml calls: by generated code where there is any, or else each by the way
 * that is fastest for its shape on a CPU.
 */
import type { Tensor } from "../tensor.ts";
import type { Pointer } from "./bindings.ts";
import { expertProduct, prefersExperts } from "./expert-product.ts";
import type { LowerContext } from "./lower.ts";
import { transposed } from "./rearrange.ts";

/** Up to here mul_mat's time goes into adding up its vectors at the end of each row: 10-15 GFLOPS. */
const SHORT_ROW = 32;
/** out_prod's inner loop runs over these: 20 GFLOPS from here. */
const LONG_COLUMN = 64;

/** Columns from which a generated product repays a transposed copy. */
const MANY_COLUMNS = 32;

export function lowerMatmul(c: LowerContext, node: Tensor<"matmul">, [a, b, table]: Pointer[]): Pointer {
  const { ggml, context } = c;
  const generated = generatedMatmul(c, node, a!, b!, table);
  if (generated !== undefined) return generated;
  const shape = node.inputs[0]!.shape;
  const [m, n, heads, batch] = node.shape;
  if (heads * batch === 1) return matrixProduct(c, a!, b!, [shape[0], m, n]);
  if (shape[0] > SHORT_ROW || m < LONG_COLUMN) return ggml.matmul(context, a!, b!);
  return ggml.outProd(context, transposed(c, a!, shape), ggml.transpose(context, b!));
}

/** Wants a's numbers with m varying fastest: as they are before a `transpose`, or else in a transposed copy. */
function generatedMatmul(
  c: LowerContext,
  node: Tensor<"matmul">,
  a: Pointer,
  b: Pointer,
  table: Pointer | undefined,
): Pointer | undefined {
  const source = node.inputs[0]!;
  const [rows, columns, heads, batch] = node.shape;
  const free = source.op === "transpose";
  if (!c.generated || !(free || table !== undefined || columns >= MANY_COLUMNS)) return undefined;
  const p = free ? c.pointerOf(source.inputs[0]!) : transposed(c, a, source.shape);
  const sizes = { rows, columns, terms: source.shape[0], batch: heads * batch, termsFirst: true };
  const keys = node.attributes.visible === "result" ? "rows" : "terms";
  const sparsity = table === undefined ? undefined : ({ keys, queries: "columns", heads } as const);
  return c.generated.product(c.context, node.shape, { ...sizes, sparsity }, withTable([p, b], table));
}

const withTable = (operands: Pointer[], table: Pointer | undefined): Pointer[] =>
  table === undefined ? operands : [...operands, table];

/**
 * A single large product goes over transposed copies: 30-38 GFLOPS against 15-20 for out_prod (AVX2, one thread).
 * In a batch of attention heads the copies would cost more than the product, and out_prod wants the longer side
 * first: short rows starve its inner loop.
 */
export function lowerOuter(c: LowerContext, node: Tensor<"outer">, [a, b, table]: Pointer[]): Pointer {
  const { ggml, context } = c;
  const [k, m, heads, batch] = node.shape;
  const terms = node.inputs[0]!.shape[1];
  const keys = node.attributes.visible === "first" ? "rows" : "columns";
  const sparsity = table === undefined ? undefined : ({ keys, queries: "terms", heads } as const);
  const product = { rows: k, columns: m, terms, batch: heads * batch, termsFirst: false, sparsity };
  const generated = c.generated?.product(context, node.shape, product, withTable([a!, b!], table));
  if (generated !== undefined) return generated;
  if (heads * batch === 1) {
    return matrixProduct(c, transposedOnce(c, node.inputs[0]!, a!), transposedOnce(c, node.inputs[1]!, b!), [
      terms,
      k,
      m,
    ]);
  }
  if (k >= m) return ggml.outProd(context, a!, b!);
  return transposed(c, ggml.outProd(context, b!, a!), [m, k, heads, batch]);
}

/** The products for queries, keys and values have one input in common, and so have gate and up. */
function transposedOnce(c: LowerContext, tensor: Tensor, pointer: Pointer): Pointer {
  const known = c.transposes.get(tensor) ?? transposed(c, pointer, tensor.shape);
  c.transposes.set(tensor, known);
  return known;
}

function matrixProduct(
  { ggml, context, zeros }: LowerContext,
  a: Pointer,
  b: Pointer,
  size: readonly [k: number, m: number, n: number],
): Pointer {
  if (!prefersExperts(ggml, size[0])) return ggml.matmul(context, a, b);
  return expertProduct(ggml, context, [a, b, zeros(size[2])], size);
}
