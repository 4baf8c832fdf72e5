/**
 * Machine code for operations on rows of f32, as product-kernel.ts has it for products: sizes in, bytes of a function
 * with the signature of ggml's custom operation out. A row is one thread's work, so that the result does not depend on
 * how many there are.
 */
import { VISIBILITY_BLOCK } from "../operations.ts";
import { Assembler, at, type Memory, R } from "./assembler.ts";
import { deal, repeat, TENSOR } from "./custom-operation.ts";
import { Constants, emitExponential, LIMIT } from "./exponential.ts";

/** `visible`: a third source is the table of visible blocks (operations.ts), and the others are left alone. */
export type RowOperation =
  /** Of factor * source0 + source1, along a row; the rows of source1 serve every head. */
  | { name: "softmax"; factor: number; visible?: boolean }
  /** factor * source1 * (source0 - their inner product): the gradient at a softmax's result source1. */
  | { name: "softmaxBack"; factor: number; visible?: boolean }
  /** source0 times the derivative of silu at source1. */
  | { name: "siluBack" }
  /** Minus source0 times the number that source1 has for the row. */
  | { name: "negativeScale" }
  /** The largest of source0's row: one number a row. */
  | { name: "maximum" };

/** `rows` rows of `length` floats in each of `heads` heads in each of `batch` parts. */
export interface RowShape {
  length: number;
  rows: number;
  heads: number;
  batch: number;
}

const FLOAT = 4;
const VECTOR = 8;
const BYTES = VECTOR * FLOAT;
const MAX_ELEMENTS = 2 ** 28;

/** The row's place in the result and in both sources; and the same within a row. */
const [OUT, SOURCE0, SOURCE1] = [R.rdi, R.rsi, R.rdx];
const PART = { out: R.r13, source0: R.rax, source1: R.r12 } as const;
const [THREADS, SKIP] = [R.rcx, R.r8];
/** The line of the table for the row, and the entry within. */
const [TABLE, ENTRY] = [R.r14, R.r15];
const ENTRY_BYTES = 4;
const SAVED = [R.rbx, R.rbp, R.r12, R.r13, R.r14, R.r15] as const;

/** Vector registers. */
const [X, E, T0, T1, TOTAL, MOST, LOWEST, MASK] = [0, 1, 2, 3, 12, 13, 14, 15];

export function isRowShapeSupported({ length, rows, heads, batch }: RowShape): boolean {
  return length * rows <= MAX_ELEMENTS && rows * heads * batch <= MAX_ELEMENTS;
}

export function rowKernel(operation: RowOperation, shape: RowShape): Uint8Array {
  const { length, rows, heads, batch } = shape;
  if (
    !isRowShapeSupported(shape) ||
    (hasTable(operation) && (length !== rows || rows % VISIBILITY_BLOCK > 0))
  )
    throw new Error(`no kernel for ${JSON.stringify(shape)}`);
  const flat = { length, rows: rows * heads * batch, heads: 1, batch: 1 };
  // A mask and a table serve several heads.
  const sharesRows = operation.name === "softmax" || hasTable(operation);
  return new RowEmitter(operation, sharesRows ? shape : flat).emit();
}

/** Whether a third source is the table of visible blocks. */
export const hasTable = (operation: RowOperation): boolean =>
  "visible" in operation && operation.visible === true;

class RowEmitter {
  readonly #asm = new Assembler();
  readonly #constants = new Constants(this.#asm);
  readonly #operation: RowOperation;
  readonly #shape: RowShape;

  constructor(operation: RowOperation, shape: RowShape) {
    this.#operation = operation;
    this.#shape = shape;
  }

  emit(): Uint8Array {
    const asm = this.#asm;
    for (const register of SAVED) asm.push(register);
    asm.moveInt(SKIP, R.rsi);
    asm.moveInt(THREADS, R.rdx);
    asm.load(R.rax, at(R.rdi, TENSOR.source0));
    asm.load(SOURCE0, at(R.rax, TENSOR.data));
    asm.load(R.rax, at(R.rdi, TENSOR.source1));
    asm.load(SOURCE1, at(R.rax, TENSOR.data));
    if (hasTable(this.#operation)) {
      asm.load(R.rax, at(R.rdi, TENSOR.source2));
      asm.load(TABLE, at(R.rax, TENSOR.data));
    }
    asm.load(OUT, at(R.rdi, TENSOR.data));
    asm.vmovups(LOWEST, this.#constants.all(-LIMIT));
    // A mask is read by its sign bits.
    const used = this.#shape.length % VECTOR;
    asm.vmovups(MASK, this.#constants.each(Array.from({ length: VECTOR }, (_, i) => (i < used ? -1 : 0))));
    this.#rows();
    asm.vzeroupper();
    for (const register of [...SAVED].reverse()) asm.pop(register);
    asm.ret();
    this.#constants.emit();
    return asm.finish();
  }

  #rows(): void {
    const asm = this.#asm;
    const { length, rows, heads, batch } = this.#shape;
    const { name } = this.#operation;
    const row = length * FLOAT;
    const step = name === "negativeScale" ? FLOAT : row;
    const lines = hasTable(this.#operation) ? rows / VISIBILITY_BLOCK : 1;
    const line = (length / VISIBILITY_BLOCK) * ENTRY_BYTES;
    repeat(asm, R.r11, batch, () => {
      repeat(asm, R.r10, heads, () => {
        repeat(asm, R.rbp, lines, () => {
          repeat(asm, R.r9, rows / lines, () => {
            deal(
              asm,
              SKIP,
              () => asm.move(SKIP, THREADS),
              () => this.#row(),
            );
            asm.immediate("add", OUT, name === "maximum" ? FLOAT : row);
            asm.immediate("add", SOURCE0, row);
            asm.immediate("add", SOURCE1, step);
          });
          if (hasTable(this.#operation)) asm.immediate("add", TABLE, line);
        });
        if (name === "softmax" && heads > 1) asm.immediate("sub", SOURCE1, rows * step);
        if (hasTable(this.#operation)) asm.immediate("sub", TABLE, lines * line);
      });
      if (name === "softmax" && heads > 1) asm.immediate("add", SOURCE1, rows * step);
      if (hasTable(this.#operation)) asm.immediate("add", TABLE, lines * line);
    });
  }

  #row(): void {
    if (this.#operation.name === "softmax") this.#softmax(this.#operation.factor);
    else if (this.#operation.name === "softmaxBack") this.#softmaxBack(this.#operation.factor);
    else if (this.#operation.name === "siluBack") this.#siluBack();
    else if (this.#operation.name === "maximum") this.#maximum();
    else this.#negativeScale();
  }

  #softmax(factor: number): void {
    const asm = this.#asm;
    const absent = this.#absent();
    asm.vmovups(MOST, this.#constants.all(-Infinity));
    this.#vectors((masked) => {
      this.#load(X, masked, at(PART.source0));
      this.#load(E, masked, at(PART.source1));
      asm.vfmadd231ps(E, X, this.#constants.all(factor));
      if (masked) asm.packed("add", E, E, absent);
      asm.packed("max", MOST, MOST, E);
      this.#store(masked, E);
    });
    this.#acrossLanes("max", MOST);
    asm.vxorps(TOTAL, TOTAL, TOTAL);
    this.#vectors((masked) => {
      this.#load(X, masked, at(PART.out));
      if (masked) asm.packed("add", X, X, absent);
      asm.packed("sub", X, X, MOST);
      emitExponential(asm, this.#constants, { x: X, to: E, scratch: [T0, T1], lowest: LOWEST });
      asm.packed("add", TOTAL, TOTAL, E);
      this.#store(masked, E);
    });
    this.#acrossLanes("add", TOTAL);
    asm.vmovups(X, this.#constants.all(1));
    asm.packed("div", TOTAL, X, TOTAL);
    this.#vectors((masked) => {
      this.#load(X, masked, at(PART.out));
      asm.packed("mul", X, X, TOTAL);
      this.#store(masked, X);
    });
  }

  #softmaxBack(factor: number): void {
    const asm = this.#asm;
    asm.vxorps(TOTAL, TOTAL, TOTAL);
    this.#vectors((masked) => {
      this.#load(X, masked, at(PART.source0));
      this.#load(E, masked, at(PART.source1));
      asm.vfmadd231ps(TOTAL, X, E);
    });
    this.#acrossLanes("add", TOTAL);
    asm.vmovups(T1, this.#constants.all(factor));
    this.#vectors((masked) => {
      this.#load(X, masked, at(PART.source0));
      asm.packed("sub", X, X, TOTAL);
      this.#load(E, masked, at(PART.source1));
      asm.packed("mul", X, X, E);
      asm.packed("mul", X, X, T1);
      this.#store(masked, X);
    });
  }

  /** g * s * (1 + x * (1 - s)), s = 1 / (1 + e^-x). */
  #siluBack(): void {
    const asm = this.#asm;
    const one = this.#constants.all(1);
    asm.vmovups(MOST, this.#constants.all(LIMIT));
    this.#vectors((masked) => {
      this.#load(TOTAL, masked, at(PART.source1));
      asm.vxorps(X, X, X);
      asm.packed("sub", X, X, TOTAL);
      asm.packed("min", X, MOST, X);
      emitExponential(asm, this.#constants, { x: X, to: E, scratch: [T0, T1], lowest: LOWEST });
      asm.vmovups(X, one);
      asm.packed("add", E, E, X);
      asm.packed("div", E, X, E);
      asm.packed("sub", X, X, E);
      asm.vfmadd213ps(X, TOTAL, one);
      asm.packed("mul", X, X, E);
      this.#load(T0, masked, at(PART.source0));
      asm.packed("mul", X, X, T0);
      this.#store(masked, X);
    });
  }

  #negativeScale(): void {
    const asm = this.#asm;
    asm.vbroadcastss(T0, at(SOURCE1));
    asm.vxorps(TOTAL, TOTAL, TOTAL);
    asm.packed("sub", TOTAL, TOTAL, T0);
    this.#vectors((masked) => {
      this.#load(X, masked, at(PART.source0));
      asm.packed("mul", X, X, TOTAL);
      this.#store(masked, X);
    });
  }

  /** Written as a vector of which one float counts. */
  #maximum(): void {
    const asm = this.#asm;
    asm.vmovups(MOST, this.#constants.all(-Infinity));
    this.#vectors((masked) => {
      this.#load(X, masked, at(PART.source0));
      if (masked) asm.packed("add", X, X, this.#absent());
      asm.packed("max", MOST, MOST, X);
    });
    this.#acrossLanes("max", MOST);
    asm.vmovups(T0, this.#constants.each([-1, 0, 0, 0, 0, 0, 0, 0]));
    asm.vmaskmovpsStore(at(OUT), T0, MOST);
  }

  /** Added to the last, partial vector of a row: -Infinity where it has no number. */
  #absent(): Memory {
    const used = this.#shape.length % VECTOR;
    return this.#constants.each(Array.from({ length: VECTOR }, (_, i) => (i < used ? 0 : -Infinity)));
  }

  /** `body` for every 8 floats of a row, and for what is left of it; of visible blocks only, where there is a table. */
  #vectors(body: (masked: boolean) => void): void {
    const asm = this.#asm;
    const { length } = this.#shape;
    asm.move(PART.source0, SOURCE0);
    asm.move(PART.source1, SOURCE1);
    asm.move(PART.out, OUT);
    const advance = (bytes: number) => {
      for (const pointer of Object.values(PART)) asm.immediate("add", pointer, bytes);
    };
    if (!hasTable(this.#operation)) {
      repeat(asm, R.rbx, Math.floor(length / VECTOR), () => {
        body(false);
        advance(BYTES);
      });
      if (length % VECTOR > 0) body(true);
      return;
    }
    asm.move(ENTRY, TABLE);
    repeat(asm, R.rbx, length / VISIBILITY_BLOCK, () => {
      const [unseen, next] = [asm.label(), asm.label()];
      asm.compareInt(at(ENTRY), 0);
      asm.jumpIf("equal", unseen);
      for (let i = 0; i < VISIBILITY_BLOCK; i += VECTOR) {
        body(false);
        advance(BYTES);
      }
      asm.jump(next);
      asm.place(unseen);
      advance(VISIBILITY_BLOCK * FLOAT);
      asm.place(next);
      asm.immediate("add", ENTRY, ENTRY_BYTES);
    });
  }

  /** The sum, or maximum, of all 8 floats, into all 8. */
  #acrossLanes(op: "add" | "max", register: number): void {
    const asm = this.#asm;
    asm.vswapHalves(T0, register);
    asm.packed(op, register, register, T0);
    // Neighbouring pairs change places, then neighbours.
    for (const order of [0b01_00_11_10, 0b10_11_00_01]) {
      asm.vpermilps(T0, register, order);
      asm.packed(op, register, register, T0);
    }
  }

  #load(register: number, masked: boolean, from: Memory): void {
    if (masked) this.#asm.vmaskmovps(register, MASK, from);
    else this.#asm.vmovups(register, from);
  }

  #store(masked: boolean, register: number): void {
    if (masked) this.#asm.vmaskmovpsStore(at(PART.out), MASK, register);
    else this.#asm.vmovupsStore(at(PART.out), register);
  }
}
