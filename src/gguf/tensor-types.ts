/**
 * The tensor types of ggml: number in the file, elements and bytes of a block. Serves size checks of any file;
 * which types can be turned into floats is decided in dequantize.ts.
 */

/** name: [number in the file, elements per block, bytes per block] */
const TABLE = {
  F32: [0, 1, 4],
  F16: [1, 1, 2],
  Q4_0: [2, 32, 18],
  Q4_1: [3, 32, 20],
  Q5_0: [6, 32, 22],
  Q5_1: [7, 32, 24],
  Q8_0: [8, 32, 34],
  Q8_1: [9, 32, 36],
  Q2_K: [10, 256, 84],
  Q3_K: [11, 256, 110],
  Q4_K: [12, 256, 144],
  Q5_K: [13, 256, 176],
  Q6_K: [14, 256, 210],
  Q8_K: [15, 256, 292],
  IQ2_XXS: [16, 256, 66],
  IQ2_XS: [17, 256, 74],
  IQ3_XXS: [18, 256, 98],
  IQ1_S: [19, 256, 50],
  IQ4_NL: [20, 32, 18],
  IQ3_S: [21, 256, 110],
  IQ2_S: [22, 256, 82],
  IQ4_XS: [23, 256, 136],
  I8: [24, 1, 1],
  I16: [25, 1, 2],
  I32: [26, 1, 4],
  I64: [27, 1, 8],
  F64: [28, 1, 8],
  IQ1_M: [29, 256, 56],
  BF16: [30, 1, 2],
  TQ1_0: [34, 256, 54],
  TQ2_0: [35, 256, 66],
  MXFP4: [39, 32, 17],
  NVFP4: [40, 64, 36],
} as const satisfies Record<string, readonly [number, number, number]>;

export type TensorType = keyof typeof TABLE;

export interface TensorTypeFacts {
  /** The number that stands in the file. */
  id: number;
  /** Elements per block; a row (the first dimension) is a whole number of blocks. */
  blockSize: number;
  blockBytes: number;
}

export const TENSOR_TYPES = Object.keys(TABLE) as TensorType[];

export function tensorTypeFacts(type: TensorType): TensorTypeFacts {
  const [id, blockSize, blockBytes] = TABLE[type];
  return { id, blockSize, blockBytes };
}

/** `undefined` for numbers that are not in use, or newer than this table. */
export function tensorTypeOf(id: number): TensorType | undefined {
  return TENSOR_TYPES.find((type) => TABLE[type][0] === id);
}

/** Bytes of a tensor; `undefined` where a row is not a whole number of blocks, or the size is not a safe integer. */
export function tensorByteLength(type: TensorType, shape: readonly number[]): number | undefined {
  const { blockSize, blockBytes } = tensorTypeFacts(type);
  if ((shape[0] ?? 1) % blockSize !== 0) return undefined;
  // 0 elements times anything is 0; otherwise each partial product only grows, so an overflow cannot hide.
  const elements = shape.reduce((product, n) => product * n, 1);
  const bytes = (elements / blockSize) * blockBytes;
  return Number.isSafeInteger(elements) && Number.isSafeInteger(bytes) ? bytes : undefined;
}
