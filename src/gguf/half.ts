/** Half precision: float32 <-> float16 and bfloat16 <- bits, rounding to nearest even as hardware and ggml do. */

const floatView = new Float32Array(1);
const bitView = new Uint32Array(floatView.buffer);
let table: Float32Array | undefined;

/** float32 -> the 16 bits of its nearest float16; beyond 65,519 it is infinity. */
export function floatToHalf(value: number): number {
  floatView[0] = value;
  const bits = bitView[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65,520 and more round to infinity
  if (magnitude <= 0x33000000) return sign; // up to 2^-25: half of the smallest float16 goes to the even one, 0
  if (magnitude < 0x38800000) {
    // Below 2^-14 the result is subnormal: a whole number of 2^-24.
    const mantissa = (magnitude & 0x7fffff) | 0x800000;
    return sign | roundShift(mantissa, 126 - (magnitude >>> 23));
  }
  return sign | roundShift(magnitude - 0x38000000, 13);
}

/** `value / 2^shift` to the nearest whole number, ties to even; a carry runs into the exponent, as it should. */
function roundShift(value: number, shift: number): number {
  const quotient = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && quotient & 1) ? quotient + 1 : quotient;
}

/** The 16 bits of a float16 -> its value. */
export function halfToFloat(bits: number): number {
  table ??= Float32Array.from({ length: 65_536 }, (_, i) => halfValue(i));
  return table[bits]!;
}

function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
