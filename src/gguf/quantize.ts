/** float32 -> the bytes of a tensor, with the same roundings as ggml's reference quantizers, bit for bit. */
import { VikhrError } from "../errors.ts";
import { floatToHalf } from "./half.ts";

export type WritableType = "F32" | "F16" | "Q8_0";

/** For Q8_0 the length is a multiple of 32. A value that is not finite, or overflows F16, is an error. */
export function quantize(type: WritableType, values: Float32Array): Uint8Array {
  switch (type) {
    case "F32":
      return quantizeF32(values);
    case "F16":
      return quantizeF16(values);
    case "Q8_0":
      return quantizeQ8(values);
  }
}

function quantizeF32(values: Float32Array): Uint8Array {
  const out = new DataView(new ArrayBuffer(4 * values.length));
  for (let i = 0; i < values.length; i++) out.setFloat32(4 * i, finite(values, i), true);
  return new Uint8Array(out.buffer);
}

function quantizeF16(values: Float32Array): Uint8Array {
  const out = new DataView(new ArrayBuffer(2 * values.length));
  for (let i = 0; i < values.length; i++) {
    const half = floatToHalf(finite(values, i));
    if ((half & 0x7fff) === 0x7c00) throw new VikhrError(`weight ${i} is ${values[i]}, too large for F16`);
    out.setUint16(2 * i, half, true);
  }
  return new Uint8Array(out.buffer);
}

/** Blocks of 32: a float16 scale (largest magnitude / 127), then round(value / scale), halves away from zero. */
function quantizeQ8(values: Float32Array): Uint8Array {
  if (values.length % 32 !== 0)
    throw new VikhrError(`Q8_0 needs a multiple of 32 values, not ${values.length}`);
  const out = new DataView(new ArrayBuffer((values.length / 32) * 34));
  for (let b = 0; b < values.length / 32; b++) {
    let largest = 0;
    for (let i = 0; i < 32; i++) largest = Math.max(largest, Math.abs(finite(values, 32 * b + i)));
    // ggml computes in float32 and divides by the scale before that is rounded to float16.
    const scale = Math.fround(largest / 127);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    const half = floatToHalf(scale);
    if (half === 0x7c00) throw new VikhrError(`weights around ${32 * b} are too large for Q8_0: ${largest}`);
    out.setUint16(34 * b, half, true);
    for (let i = 0; i < 32; i++) {
      const scaled = Math.fround(values[32 * b + i]! * inverse);
      const rounded = scaled < 0 ? -Math.floor(0.5 - scaled) : Math.floor(0.5 + scaled);
      out.setInt8(34 * b + 2 + i, rounded);
    }
  }
  return new Uint8Array(out.buffer);
}

function finite(values: Float32Array, index: number): number {
  const value = values[index]!;
  if (!Number.isFinite(value)) throw new VikhrError(`weight ${index} is ${value}: the training has diverged`);
  return value;
}
