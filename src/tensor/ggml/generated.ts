/**
 * Operations by machine code that is generated for their sizes (docs/decisions/0004-generated-kernel.md): products at
 * 85 to 97 GFLOPS a thread where ggml's own f32 kernels reach 20 to 38 (Zen 3). Whether it is used depends on the machine
 * and on VIKHR_JIT alone, never on measurements: one machine always computes the same bits.
 */
import { VikhrError } from "../../errors.ts";
import { TENSOR } from "../jit/custom-operation.ts";
import { isSupported, type ProductShape } from "../jit/product-blocks.ts";
import { productKernel } from "../jit/product-kernel.ts";
import { hasTable, isRowShapeSupported, type RowOperation, rowKernel } from "../jit/row-kernel.ts";
import type { Shape } from "../tensor.ts";
import { type Ggml, openGgml, type Pointer } from "./bindings.ts";

export interface JitStatus {
  active: boolean;
  /** Why, in a few words. */
  reason: string;
}

/**
 * Nodes of a ggml graph whose work is generated code; undefined where the sizes are out of range. All operations on a
 * matrix of attention leave the same blocks out, so with a table none may take another way: then it throws.
 */
export interface Generated {
  product(
    context: Pointer,
    shape: Shape,
    product: ProductShape,
    /** p, q, and the table where the product has sparsity. */
    operands: readonly Pointer[],
  ): Pointer | undefined;
  /** An operation on the rows of a source of `shape`; what the sources are is RowOperation's to say. */
  rows(
    context: Pointer,
    shape: Shape,
    operation: RowOperation,
    sources: readonly Pointer[],
  ): Pointer | undefined;
}

const RETURN = Uint8Array.of(0xc3);
/** `struct ggml_object`, in front of every tensor. */
const OBJECT_BYTES = 32;

/** What the choice rests on. */
type Machine = Pick<Ggml, "putCode" | "cpuFeatures" | "tensorBytes">;

/** Whether training on this machine, in this environment, uses generated code. */
export async function jitStatus(): Promise<JitStatus> {
  return jitStatusOf(await openGgml());
}

export function jitStatusOf(
  { putCode, cpuFeatures, tensorBytes }: Machine,
  { arch, platform, env }: Pick<NodeJS.Process, "arch" | "platform" | "env"> = process,
): JitStatus {
  const off = (reason: string) => ({ active: false, reason });
  if (env.VIKHR_JIT === "0") return off("VIKHR_JIT is 0");
  if (arch !== "x64") return off(`the processor is ${arch}, and code is generated for x64`);
  if (!putCode) return off(`code is generated on Linux and macOS, and this is ${platform}`);
  const missing = ["AVX2", "FMA"].filter((feature) => !cpuFeatures.has(feature));
  if (missing.length > 0) return off(`the processor has no ${missing.join(" and no ")}`);
  if (tensorBytes !== TENSOR.size + OBJECT_BYTES) return off("ggml's tensors have another layout");
  if (putCode(RETURN) === undefined) return off("the system allows no generated code");
  return { active: true, reason: "x64 with AVX2 and FMA" };
}

/** undefined where generated code is not to be used. */
export function openGenerated(ggml: Ggml): Generated | undefined {
  if (!jitStatusOf(ggml).active) return undefined;
  return {
    product(context, shape, product, operands) {
      if (!isSupported(product)) return outOfRange(product, product.sparsity !== undefined);
      const { sparsity, ...sizes } = product;
      const key = ["product", ...Object.values(sizes), ...Object.values(sparsity ?? {})].join();
      return ggml.custom(
        context,
        shape,
        operands,
        codeFor(ggml, key, () => productKernel(product)),
      );
    },
    rows(context, shape, operation, sources) {
      const [length, rows, heads, batch] = shape;
      const sizes = { length, rows, heads, batch };
      if (!isRowShapeSupported(sizes)) return outOfRange(sizes, hasTable(operation));
      const key = [...Object.values(operation), ...shape].join();
      return ggml.custom(
        context,
        operation.name === "maximum" ? [1, rows, heads, batch] : shape,
        sources,
        codeFor(ggml, key, () => rowKernel(operation, sizes)),
      );
    },
  };
}

function outOfRange(sizes: object, needsCode: boolean): undefined {
  if (needsCode) throw new Error(`no code for attention of ${JSON.stringify(sizes)}`);
}

/** Code by operation and sizes, for the life of the process: 1 to 8 KB each. */
const codes = new Map<string, Pointer>();

function codeFor(ggml: Ggml, key: string, generate: () => Uint8Array): Pointer {
  const known = codes.get(key);
  if (known !== undefined) return known;
  const code = ggml.putCode?.(generate());
  if (code === undefined) throw new VikhrError("not enough memory for generated code");
  codes.set(key, code);
  return code;
}
