/**
 * A small x86-64 assembler: the instructions that the kernels need, and no others. Calls in, bytes out.
 * Encodings: Intel 64 Software Developer's Manual, volume 2. Knows nothing of calling conventions.
 */

/** 64-bit registers by their numbers in an encoding. */
export const R = {
  rax: 0,
  rcx: 1,
  rdx: 2,
  rbx: 3,
  rsp: 4,
  rbp: 5,
  rsi: 6,
  rdi: 7,
  r8: 8,
  r9: 9,
  r10: 10,
  r11: 11,
  r12: 12,
  r13: 13,
  r14: 14,
  r15: 15,
} as const;

export type Register = (typeof R)[keyof typeof R];

/** ymm0 to ymm15. */
export type Vector = number;

/** Bytes at a register's address plus an offset, or at a label in the code. */
export type Memory = { base: Register; offset: number } | { label: Label };

export type Label = { readonly __label: true };

export const at = (base: Register, offset = 0): Memory => ({ base, offset });

const CONDITIONS = { equal: 0x84, notEqual: 0x85, less: 0x8c, greaterOrEqual: 0x8d, greater: 0x8f } as const;

/** The `/n` of an opcode with an immediate. */
const ARITHMETIC = { add: 0, and: 4, sub: 5, cmp: 7 } as const;

/** Opcodes of `packed`; `andnot` inverts its first operand. */
const PACKED = { add: 0x58, mul: 0x59, sub: 0x5c, min: 0x5d, div: 0x5e, max: 0x5f, andnot: 0x55 } as const;

const INT32 = 2 ** 31;

export class Assembler {
  readonly #bytes: number[] = [];
  readonly #places = new Map<Label, number>();
  /** Where a 32-bit distance to a label is to be written: it counts from the end of the instruction. */
  readonly #references: { place: number; label: Label }[] = [];

  label(): Label {
    return { __label: true };
  }

  /** The label is here. */
  place(label: Label): void {
    if (this.#places.has(label)) throw new Error("a label has two places");
    this.#places.set(label, this.#bytes.length);
  }

  push(r: Register): void {
    this.#emit(...(r < 8 ? [] : [0x41]), 0x50 | (r & 7));
  }

  pop(r: Register): void {
    this.#emit(...(r < 8 ? [] : [0x41]), 0x58 | (r & 7));
  }

  ret(): void {
    this.#emit(0xc3);
  }

  move(to: Register, from: Register): void {
    this.#registers(0x89, from, to);
  }

  /** Sign-extended from 32 bits: how a C `int` argument arrives. */
  moveInt(to: Register, from: Register): void {
    this.#registers(0x63, to, from);
  }

  load(to: Register, from: Memory): void {
    this.#wide(0x8b, to, from);
  }

  store(to: Memory, from: Register): void {
    this.#wide(0x89, from, to);
  }

  /** Sign-extended to 64 bits. */
  moveImmediate(to: Register | Memory, value: number): void {
    if (typeof to === "number") this.#emit(0x48 | (to >> 3), 0xc7, 0xc0 | (to & 7));
    else this.#wide(0xc7, 0, to, 4);
    this.#int32(value);
  }

  lea(to: Register, from: Memory): void {
    this.#wide(0x8d, to, from);
  }

  /** `operand` op= `value`, in 64 bits; `cmp` sets the flags only. */
  immediate(op: keyof typeof ARITHMETIC, operand: Register | Memory, value: number): void {
    if (typeof operand === "number")
      this.#emit(0x48 | (operand >> 3), 0x81, 0xc0 | (ARITHMETIC[op] << 3) | (operand & 7));
    else this.#wide(0x81, ARITHMETIC[op], operand, 4);
    this.#int32(value);
  }

  /** Sets the flags by 32 bits of memory against `value`. */
  compareInt(operand: Memory, value: number): void {
    const base = "base" in operand ? operand.base : 0;
    this.#emit(...(base < 8 ? [] : [0x41]), 0x81);
    this.#memory(ARITHMETIC.cmp, operand, 4);
    this.#int32(value);
  }

  jump(label: Label): void {
    this.#emit(0xe9);
    this.#distance(label);
  }

  jumpIf(condition: keyof typeof CONDITIONS, label: Label): void {
    this.#emit(0x0f, CONDITIONS[condition]);
    this.#distance(label);
  }

  call(label: Label): void {
    this.#emit(0xe8);
    this.#distance(label);
  }

  /** 8 floats, at any address. */
  vmovups(to: Vector, from: Memory): void {
    this.#vex(1, 0, 0x10, to, 0, from);
  }

  vmovupsStore(to: Memory, from: Vector): void {
    this.#vex(1, 0, 0x11, from, 0, to);
  }

  /** The floats whose mask has its sign bit set, zeros for the others, which are not read: they cannot fault. */
  vmaskmovps(to: Vector, mask: Vector, from: Memory): void {
    this.#vex(2, 1, 0x2c, to, mask, from);
  }

  vmaskmovpsStore(to: Memory, mask: Vector, from: Vector): void {
    this.#vex(2, 1, 0x2e, from, mask, to);
  }

  vbroadcastss(to: Vector, from: Memory): void {
    this.#vex(2, 1, 0x18, to, 0, from);
  }

  /** sum += a * b, rounded once. */
  vfmadd231ps(sum: Vector, a: Vector, b: Vector | Memory): void {
    this.#vex(2, 1, 0xb8, sum, a, b);
  }

  /** sum -= a * b, rounded once. */
  vfnmadd231ps(sum: Vector, a: Vector, b: Vector | Memory): void {
    this.#vex(2, 1, 0xbc, sum, a, b);
  }

  /** product = product * a + b, rounded once. */
  vfmadd213ps(product: Vector, a: Vector, b: Vector | Memory): void {
    this.#vex(2, 1, 0xa8, product, a, b);
  }

  vxorps(to: Vector, a: Vector, b: Vector): void {
    this.#vex(1, 0, 0x57, to, a, b);
  }

  /** to = a op b, float by float. */
  packed(op: keyof typeof PACKED, to: Vector, a: Vector, b: Vector | Memory): void {
    this.#vex(1, 0, PACKED[op], to, a, b);
  }

  /** All bits set where a < b, none elsewhere. */
  vcmpltps(to: Vector, a: Vector, b: Vector): void {
    this.#vex(1, 0, 0xc2, to, a, b);
    this.#emit(1);
  }

  /** Adds 32-bit integers. */
  vpaddd(to: Vector, a: Vector, b: Vector): void {
    this.#vex(1, 1, 0xfe, to, a, b);
  }

  /** Shifts 32-bit integers to the left. */
  vpslld(to: Vector, from: Vector, bits: number): void {
    this.#vex(1, 1, 0x72, 6, to, from);
    this.#emit(bits);
  }

  /** Reorders within each half: floats 2 `order` bits at a time. */
  vpermilps(to: Vector, from: Vector, order: number): void {
    this.#vex(3, 1, 0x04, to, 0, from);
    this.#emit(order);
  }

  /** Swaps the halves. */
  vswapHalves(to: Vector, from: Vector): void {
    this.#vex(3, 1, 0x06, to, from, from);
    this.#emit(1);
  }

  vzeroupper(): void {
    this.#emit(0xc5, 0xf8, 0x77);
  }

  /** Data between the instructions. */
  int32s(values: readonly number[]): void {
    for (const value of values) this.#int32(value);
  }

  float32s(values: readonly number[]): void {
    this.#emit(...new Uint8Array(Float32Array.from(values).buffer));
  }

  finish(): Uint8Array {
    const code = Uint8Array.from(this.#bytes);
    const view = new DataView(code.buffer);
    for (const { place, label } of this.#references) {
      const target = this.#places.get(label);
      if (target === undefined) throw new Error("a label without a place");
      view.setInt32(place, target - (place + 4), true);
    }
    return code;
  }

  #emit(...bytes: number[]): void {
    this.#bytes.push(...bytes);
  }

  #int32(value: number): void {
    if (!Number.isInteger(value) || value < -INT32 || value >= INT32)
      throw new Error(`${value} does not fit into 32 bits`);
    this.#emit(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >> 24) & 0xff);
  }

  #distance(label: Label): void {
    this.#references.push({ place: this.#bytes.length, label });
    this.#int32(0);
  }

  #registers(opcode: number, middle: Register, last: Register): void {
    this.#emit(0x48 | ((middle >> 3) << 2) | (last >> 3), opcode, 0xc0 | ((middle & 7) << 3) | (last & 7));
  }

  #wide(opcode: number, middle: number, memory: Memory, immediateBytes = 0): void {
    const base = "base" in memory ? memory.base : 0;
    this.#emit(0x48 | ((middle >> 3) << 2) | (base >> 3), opcode);
    this.#memory(middle, memory, immediateBytes);
  }

  /** Three-byte VEX, 256 bits. `map`: 1 for 0F, 2 for 0F38, 3 for 0F3A; `prefix`: 1 for 66. */
  #vex(map: number, prefix: number, opcode: number, middle: number, extra: number, last: Vector | Memory) {
    const high = typeof last === "number" ? last : "base" in last ? last.base : 0;
    // The high bits of the registers, and all of the extra one, are stored inverted.
    const first = ((middle >> 3) ^ 1) << 7;
    this.#emit(
      0xc4,
      first | 0x40 | (((high >> 3) ^ 1) << 5) | map,
      ((extra ^ 15) << 3) | 0x04 | prefix,
      opcode,
    );
    if (typeof last === "number") this.#emit(0xc0 | ((middle & 7) << 3) | (last & 7));
    else this.#memory(middle, last, 0);
  }

  #memory(middle: number, memory: Memory, immediateBytes: number): void {
    const field = (middle & 7) << 3;
    if ("label" in memory) {
      if (immediateBytes > 0) throw new Error("an immediate after a label's distance");
      this.#emit(field | 5);
      this.#distance(memory.label);
      return;
    }
    const low = memory.base & 7;
    const short = memory.offset >= -128 && memory.offset < 128;
    this.#emit((short ? 0x40 : 0x80) | field | low);
    // rsp's and r12's number in this place announces one more byte, 0x24: no index.
    if (low === R.rsp) this.#emit(0x24);
    if (short) this.#emit(memory.offset & 0xff);
    else this.#int32(memory.offset);
  }
}
