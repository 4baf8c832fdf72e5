/** A compiled library in, whether its products of quantized weights (quantized-products.cpp) are those of llama.cpp. */
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { loadLibrary } from "../load-library.ts";
import { locateLibraries } from "../locate-libraries.ts";

/** Weights of 32 numbers of as many columns, in so many bytes, their scales of two bytes first; llama.cpp's functions. */
interface Weights {
  columns: number;
  bytes: number;
  ours: string;
  llamas: string;
  /** Most difference, of the largest number of a product. */
  tolerance: number;
}

const WEIGHTS = {
  q4_0: { columns: 8, bytes: 144, ours: "q4_0_8x8_q8_0", llamas: "q4_0_8x8_q8_0_replaced", tolerance: 0 },
  // What llama.cpp adds as numbers of 32 bits, ours adds as whole ones.
  q8_0: { columns: 4, bytes: 136, ours: "q8_0_4x8_q8_0", llamas: "q8_0_4x8_q8_0_generic", tolerance: 1e-6 },
} satisfies Record<string, Weights>;

/** Of one row in Q8_0, with its scale. */
const ROW_BYTES = 34;

/** A product: numbers in a row, rows, columns. */
export interface ProductShape {
  weights: keyof typeof WEIGHTS;
  n: number;
  rows: number;
  columns: number;
}

/** One row, tiles of 4, 8 and 16 rows, of 16 columns and of fewer. */
const SHAPES: readonly ProductShape[] = [1, 4, 8, 12, 16, 28, 36].flatMap((rows) =>
  [8, 16, 40].flatMap((columns) =>
    [32, 64, 352].flatMap((n) => [
      { weights: "q4_0" as const, n, rows, columns },
      { weights: "q8_0" as const, n, rows, columns: columns - 4 },
    ]),
  ),
);

/** The first shape that they differ on. Ends the process where the library is broken. */
export async function productsThatDiffer(library: string): Promise<ProductShape | undefined> {
  const koffi = (await import("koffi")).default;
  loadLibrary(koffi, locateLibraries().base);
  const loaded = loadLibrary(koffi, library);
  // Fills a table of all scales; without it each is 0.
  loaded.func("void ggml_cpu_init()")();
  const product = (name: string, { n, rows, columns }: ProductShape, operands: readonly Uint8Array[]) => {
    const multiply = loaded.func(
      `void ggml_${rows === 1 ? "gemv" : "gemm"}_${name}(int n, void* s, size_t bs, void* columns, void* rows, int nr, int nc)`,
    );
    // Columns stand apart, as in a product of which another thread does the rest.
    const result = new Float32Array(rows * (columns + 8));
    multiply(n, result, columns + 8, ...operands, rows, columns);
    return result;
  };
  return SHAPES.find((shape) => {
    const { ours, llamas, tolerance } = WEIGHTS[shape.weights];
    const operands = operandsOf(shape);
    const [a, b] = [product(ours, shape, operands), product(llamas, shape, operands)];
    const most = tolerance * Math.max(...b.map(Math.abs));
    return a.some((value, i) => !(Math.abs(value - b[i]!) <= most));
  });
}

/** Any numbers but -128, which Q8_0 has not; scales of some hundredths. */
function operandsOf({ weights, n, rows, columns }: ProductShape): [Uint8Array, Uint8Array] {
  const random = xoroshiro128plus(columns * 1_000_003 + rows * 1009 + n);
  const filled = (length: number, block: number, scales: number) =>
    Uint8Array.from({ length }, (_, i) => {
      const byte = uniformInt(random, 0, 255);
      const isScale = i % block < 2 * scales;
      if (isScale) return i % 2 === 0 ? byte : (byte & 0x83) | 0x20;
      return byte === 0x80 ? 0x81 : byte;
    });
  const { bytes, columns: together } = WEIGHTS[weights];
  const rowsTogether = rows === 1 ? 1 : 4;
  return [
    filled((n / 32) * (columns / together) * bytes, bytes, together),
    filled((n / 32) * rows * ROW_BYTES, rowsTogether * ROW_BYTES, rowsTogether),
  ];
}
