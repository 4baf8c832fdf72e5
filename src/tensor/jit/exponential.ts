/**
 * e^x for 8 floats, as instructions: 2^n times a polynomial of what is left of x, |rest| <= ln(2)/2, to 2 units in the
 * last place. NaN stays NaN; below -86 (4e-38) the result is 0, and above 86 the caller has to cut.
 */
import type { Assembler, Label, Memory } from "./assembler.ts";

/** What lies behind the code: each constant 8 times. */
export class Constants {
  readonly #asm: Assembler;
  readonly #labels = new Map<string, { label: Label; values: readonly number[] }>();

  constructor(asm: Assembler) {
    this.#asm = asm;
  }

  all(value: number): Memory {
    return this.each(new Array<number>(8).fill(value));
  }

  each(values: readonly number[]): Memory {
    const key = values.join();
    const known = this.#labels.get(key) ?? { label: this.#asm.label(), values };
    this.#labels.set(key, known);
    return { label: known.label };
  }

  /** After the last instruction. */
  emit(): void {
    for (const { label, values } of this.#labels.values()) {
      this.#asm.place(label);
      this.#asm.float32s(values);
    }
  }
}

/** Arguments beyond which 2^n is no ordinary f32. */
export const LIMIT = 86;

/** 1.5 * 2^23: a float of this size has no fraction, so adding it rounds, and leaves n in the lowest bits. */
const ROUNDER = 12_582_912;
const MANTISSA_BITS = 23;
/** ln 2 in two parts; the first has so few bits that its product with n is exact. */
const LN2_HIGH = 355 / 512;
const LN2_LOW = Math.LN2 - LN2_HIGH;
/** 1/7!, ..., 1/0!: the first term left out is 5e-9. */
const TAYLOR = [5040, 720, 120, 24, 6, 2, 1, 1].map((factorial) => 1 / factorial);

export interface ExponentialRegisters {
  x: number;
  to: number;
  scratch: readonly [number, number];
  /** Holds -LIMIT. */
  lowest: number;
}

export function emitExponential(asm: Assembler, constants: Constants, registers: ExponentialRegisters): void {
  const { x, to, lowest } = registers;
  const [n, power] = registers.scratch;
  const rest = to;
  // The second operand is what max gives where either is NaN.
  asm.packed("max", rest, lowest, x);
  asm.packed("mul", n, rest, constants.all(Math.LOG2E));
  asm.packed("add", n, n, constants.all(ROUNDER));
  asm.packed("sub", power, n, constants.all(ROUNDER));
  asm.vfnmadd231ps(rest, power, constants.all(LN2_HIGH));
  asm.vfnmadd231ps(rest, power, constants.all(LN2_LOW));
  asm.vmovups(power, constants.all(TAYLOR[0]!));
  for (const coefficient of TAYLOR.slice(1)) asm.vfmadd213ps(power, rest, constants.all(coefficient));
  asm.vpslld(n, n, MANTISSA_BITS);
  asm.vpaddd(power, power, n);
  asm.vcmpltps(n, x, lowest);
  asm.packed("andnot", to, n, power);
}
