/**
 * Products by machine code that is generated for their sizes (docs/decisions/0004-generated-kernel.md): 85 to 97
 * GFLOPS a thread where ggml's own f32 kernels reach 20 to 38 (Zen 3). Whether it is used depends on the machine
 * and on VIKHR_JIT alone, never on measurements: one machine always computes the same bits.
 */
import { VikhrError } from "../../errors.ts";
import { isSupported, type ProductShape, productKernel, TENSOR } from "../jit/product-kernel.ts";
import type { Shape } from "../tensor.ts";
import { type Ggml, openGgml, type Pointer } from "./bindings.ts";

export interface JitStatus {
  active: boolean;
  /** Why, in a few words. */
  reason: string;
}

/** `product` as a node of a ggml graph; undefined where the sizes are out of range. */
export type GeneratedProduct = (
  context: Pointer,
  shape: Shape,
  product: ProductShape,
  operands: readonly [p: Pointer, q: Pointer],
) => Pointer | undefined;

const RETURN = Uint8Array.of(0xc3);
/** `struct ggml_object`, in front of every tensor. */
const OBJECT_BYTES = 32;

/** Whether training on this machine, in this environment, uses generated code. */
export async function jitStatus(): Promise<JitStatus> {
  return statusOf(await openGgml());
}

function statusOf(ggml: Ggml): JitStatus {
  const off = (reason: string) => ({ active: false, reason });
  if (process.env.VIKHR_JIT === "0") return off("VIKHR_JIT is 0");
  if (process.arch !== "x64") return off(`the processor is ${process.arch}, and code is generated for x64`);
  if (!ggml.putCode) return off(`not implemented on ${process.platform}`);
  const missing = ["AVX2", "FMA"].filter((feature) => !ggml.cpuFeatures.has(feature));
  if (missing.length > 0) return off(`the processor has no ${missing.join(" and no ")}`);
  if (ggml.tensorBytes !== TENSOR.size + OBJECT_BYTES) return off("ggml's tensors have another layout");
  if (ggml.putCode(RETURN) === undefined) return off("the system allows no generated code");
  return { active: true, reason: "x64 with AVX2 and FMA" };
}

/** undefined where generated code is not to be used. */
export function openGeneratedProduct(ggml: Ggml): GeneratedProduct | undefined {
  if (!statusOf(ggml).active) return undefined;
  return (context, shape, product, operands) => {
    if (!isSupported(product)) return undefined;
    return ggml.custom(context, shape, operands, kernelFor(ggml, product));
  };
}

/** Code by sizes, for the life of the process: 2 to 8 KB each. */
const kernels = new Map<string, Pointer>();

function kernelFor(ggml: Ggml, product: ProductShape): Pointer {
  const { rows, columns, terms, batch, termsFirst } = product;
  const key = [rows, columns, terms, batch, termsFirst].join();
  const known = kernels.get(key);
  if (known !== undefined) return known;
  const code = ggml.putCode?.(productKernel(product));
  if (code === undefined) throw new VikhrError("not enough memory for the code of a product");
  kernels.set(key, code);
  return code;
}
