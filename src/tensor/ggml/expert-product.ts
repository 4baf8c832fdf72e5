/**
 * ggml has two routes to the product of two matrices. `mul_mat` has the better algorithm, but its prebuilt x64
 * kernels write their sums to memory at every step; `mul_mat_id`, made for mixtures of experts, takes plain dot
 * products, and with one expert it is an ordinary product. Measured with AVX2, one thread, rows of 128 to 2,048
 * numbers: 25-31 against 31-38 GFLOPS. The rule is fixed and not measured at start, so that one machine always
 * computes the same bits.
 */
import type { Ggml, Pointer } from "./bindings.ts";

/** Numbers that a dot product takes at a time; the rest of a row it takes one by one, slowly. */
function dotProductStep(ggml: Ggml): number {
  if (ggml.cpuFeatures.has("AVX512")) return 64;
  return ggml.cpuFeatures.has("AVX2") ? 32 : Number.POSITIVE_INFINITY;
}

/** Steps from which a row pays for the call of a dot product. */
const FEWEST_STEPS = 3;

/** Whether rows of `length` numbers are multiplied faster by `expertProduct` than by `mul_mat`. */
export function prefersExperts(ggml: Ggml, length: number): boolean {
  const step = dotProductStep(ggml);
  return length % step === 0 && length >= FEWEST_STEPS * step;
}

/** out[m,n] = sum_k a[k,m] b[k,n], `size` being [k, m, n], with one expert for all rows; `zeros` is i32 [1, n]. */
export function expertProduct(
  ggml: Ggml,
  context: Pointer,
  [a, b, zeros]: readonly [Pointer, Pointer, Pointer],
  [k, m, n]: readonly [number, number, number],
): Pointer {
  const rows = ggml.reshape(context, b, k, 1, n, 1);
  return ggml.reshape(context, ggml.matmulId(context, a, rows, zeros), m, n, 1, 1);
}
