import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dequantize } from "./dequantize.ts";
import { floatToHalf, halfToFloat } from "./half.ts";
import { quantize } from "./quantize.ts";
import { TENSOR_TYPES, tensorByteLength, tensorTypeFacts, tensorTypeOf } from "./tensor-types.ts";

describe("half precision", () => {
  test("every float16 survives the way to float32 and back", () => {
    for (let bits = 0; bits < 65_536; bits++) {
      const value = halfToFloat(bits);
      if (!Number.isNaN(value) && floatToHalf(value) !== bits) throw new Error(`bits ${bits}`);
    }
    expect(halfToFloat(floatToHalf(Number.NaN))).toBeNaN();
  });

  test("rounding goes to the nearest, ties to even", () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const low = halfToFloat(bits);
      const middle = (low + halfToFloat(bits + 1)) / 2; // exact in float32
      const even = bits & 1 ? bits + 1 : bits;
      if (floatToHalf(middle) !== even) throw new Error(`the middle above ${bits}`);
      if (floatToHalf(-middle) !== (even | 0x8000)) throw new Error(`the middle below -${bits}`);
    }
    expect(floatToHalf(65_519)).toBe(0x7bff);
    expect(floatToHalf(65_520)).toBe(0x7c00);
  });
});

describe("Q8_0", () => {
  test("a scale of 1 keeps whole numbers, and halves go away from zero", () => {
    const values = new Float32Array(32);
    values.set([127, -127, 0.5, -0.5, 1.5, -1.5, 0.49, -126.5]);
    const bytes = quantize("Q8_0", values);
    expect(bytes.length).toBe(34);
    expect(Array.from(new Int8Array(bytes.buffer, 2, 8))).toEqual([127, -127, 1, -1, 2, -2, 0, -127]);
    expect(quantize("Q8_0", new Float32Array(32))).toEqual(new Uint8Array(34));
  });

  test("the error stays within half a step and the rounding of the scale", () => {
    const floats = fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), {
      minLength: 32,
      maxLength: 32,
    });
    fc.assert(
      fc.property(floats, (list) => {
        const values = Float32Array.from(list);
        const back = dequantize("Q8_0", quantize("Q8_0", values));
        const largest = Math.max(...list.map(Math.abs));
        for (const [i, value] of values.entries())
          expect(Math.abs(back[i]! - value)).toBeLessThanOrEqual(
            largest * (0.5 / 127 + 2 ** -11) + 127 * 2 ** -24,
          );
      }),
    );
  });
});

test("Q4_0, BF16: low nibbles first, upper halves", () => {
  const block = new Uint8Array(18).fill(0x80, 2);
  new DataView(block.buffer).setUint16(0, floatToHalf(2), true);
  block[2] = 0xf0;
  const values = dequantize("Q4_0", block);
  expect([values[0], values[16], values[1], values[17]]).toEqual([-16, 14, -16, 0]);
  expect(Array.from(dequantize("BF16", Uint8Array.of(0x80, 0x3f, 0, 0xc0)))).toEqual([1, -2]);
});

test("what cannot be represented is refused", () => {
  expect(() => quantize("F32", Float32Array.of(Number.NaN))).toThrow(/weight 0 is NaN/);
  expect(() => quantize("F16", Float32Array.of(70_000))).toThrow(/too large for F16/);
  expect(() => quantize("Q8_0", new Float32Array(32).fill(Number.POSITIVE_INFINITY))).toThrow(/Infinity/);
  expect(() => quantize("Q8_0", new Float32Array(33))).toThrow(/multiple of 32/);
  expect(() => dequantize("Q4_K", new Uint8Array(144))).toThrow(/Q4_K cannot be turned into floats/);
  expect(() => dequantize("Q8_0", new Uint8Array(33))).toThrow(/no whole number/);
});

test("sizes follow from the table", () => {
  for (const type of TENSOR_TYPES) expect(tensorTypeOf(tensorTypeFacts(type).id)).toBe(type);
  expect(tensorTypeOf(4)).toBeUndefined();
  expect(tensorByteLength("Q4_K", [512, 3])).toBe(864);
  expect(tensorByteLength("Q4_K", [128, 2])).toBeUndefined();
  expect(tensorByteLength("F32", [2 ** 31, 2 ** 31])).toBeUndefined();
});
