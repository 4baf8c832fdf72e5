/**
 * Raw tensor bytes -> float32, for the types we train on and convert between. Layouts as in ggml: Q8_0 is a
 * float16 scale and 32 signed bytes; Q4_0 is a float16 scale and 16 bytes, low nibbles first, minus 8.
 */
import { InputError } from "../errors.ts";
import { halfToFloat } from "./half.ts";
import { type TensorType, tensorTypeFacts } from "./tensor-types.ts";

/** `bytes` holds whole blocks of `type`; types other than F32, F16, BF16, Q8_0 and Q4_0 are an InputError. */
export function dequantize(type: TensorType, bytes: Uint8Array): Float32Array {
  const { blockSize, blockBytes } = tensorTypeFacts(type);
  const blocks = bytes.length / blockBytes;
  if (!Number.isInteger(blocks))
    throw new InputError(
      `${bytes.length} bytes are no whole number of ${type} blocks of ${blockBytes} bytes`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Float32Array(blocks * blockSize);
  switch (type) {
    case "F32":
      for (let i = 0; i < out.length; i++) out[i] = view.getFloat32(4 * i, true);
      return out;
    case "F16":
      for (let i = 0; i < out.length; i++) out[i] = halfToFloat(view.getUint16(2 * i, true));
      return out;
    case "BF16": {
      const bits = new Uint32Array(out.buffer);
      for (let i = 0; i < out.length; i++) bits[i] = view.getUint16(2 * i, true) << 16;
      return out;
    }
    case "Q8_0":
      for (let b = 0; b < blocks; b++) {
        const scale = halfToFloat(view.getUint16(34 * b, true));
        for (let i = 0; i < 32; i++) out[32 * b + i] = scale * view.getInt8(34 * b + 2 + i);
      }
      return out;
    case "Q4_0":
      for (let b = 0; b < blocks; b++) {
        const scale = halfToFloat(view.getUint16(18 * b, true));
        for (let i = 0; i < 16; i++) {
          const pair = bytes[18 * b + 2 + i]!;
          out[32 * b + i] = scale * ((pair & 15) - 8);
          out[32 * b + 16 + i] = scale * ((pair >>> 4) - 8);
        }
      }
      return out;
    default:
      throw new InputError(
        `weights of type ${type} cannot be turned into floats here: use a file in F32, F16, BF16, Q8_0 or Q4_0`,
      );
  }
}
