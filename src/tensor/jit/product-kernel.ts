/**
 * Machine code for one product of f32 matrices of known sizes: sizes in, bytes of an x86-64 function out (System V
 * calling convention, AVX2 and FMA). The function has the signature of ggml's custom operation. The blocking is
 * that of Goto & van de Geijn 2008, with 16 rows x 6 columns of the result in registers; specialising the code
 * follows Heinecke et al. 2016 (LIBXSMM). The result does not depend on the number of threads: they share out
 * blocks of columns, and the sum behind a number always runs in the same order.
 */
import { Assembler, at, type Label, type Memory, R } from "./assembler.ts";

/**
 * For every matrix of a batch: out[i,j] = sum_t p[i,t] q(t,j), i being what varies fastest in `out` and in `p`.
 * Each operand is contiguous.
 */
export interface ProductShape {
  /** Sizes of i, j and t. */
  rows: number;
  columns: number;
  terms: number;
  /** How many matrices lie behind each other. */
  batch: number;
  /** Whether t varies fastest in q, or else j. */
  termsFirst: boolean;
}

/** `struct ggml_tensor` of the pinned release: where its first two sources and its data are, in bytes. */
export const TENSOR = { source0: 152, source1: 160, data: 248, size: 336 } as const;

const FLOAT = 4;
const VECTOR = 8;
/** Floats of two vectors: rows of the result in registers. */
const PANEL = 16;
/** 6 columns x 2 vectors of sums, 2 vectors of p and one of q: 15 of 16 registers. The last one holds a mask. */
const TILE = 6;
const P_VECTORS = 12;
const Q_VECTOR = 14;
const MASK = 15;
/** A panel of so many terms is 16 KB: half of the first-level cache. */
const TERM_BLOCK = 256;
/** So many columns of q, 196 KB, stay in the second-level cache while all panels pass. */
const COLUMN_BLOCK = 192;
/** Columns below which copying the panels weighs too much, and blocks that many threads can share. */
const NARROW_BLOCK = 48;
const SHARED_BLOCKS = 8;
/**
 * Where j varies fastest and the columns are a multiple of this, the terms of q fall into so few places of both
 * caches that they throw each other out: such a block is copied, with this many floats from term to term (measured:
 * 52 GFLOPS without, 66 with fewer than 128, 85 with 136). Fewer terms a round, since koffi's workers have 128 KB
 * of stack: this takes 35.
 */
const CROWDED = 1024;
const COPIED_TERMS = 64;
const COPIED_BLOCK = 96;
const COPIED_STRIDE = 136;
const UNROLL = 4;
/** Strides have to fit into 32 bits. */
const MAX_ELEMENTS = 2 ** 28;

/** Offsets from rbp; what lies between is the saved registers. */
const LOCAL = {
  threads: -48,
  skip: -56,
  p: -64,
  q: -72,
  out: -80,
  batchLeft: -88,
  blocksLeft: -96,
  termsLeft: -104,
  accumulate: -112,
  qBlock: -120,
  outBlock: -128,
} as const;
const SAVED = [R.rbx, R.r12, R.r13, R.r14, R.r15] as const;
const CACHE_LINE = 64;

export function isSupported({ rows, columns, terms, batch }: ProductShape): boolean {
  const sizes = [rows * terms, terms * columns, rows * columns];
  return batch < MAX_ELEMENTS && sizes.every((size) => size > 0 && size <= MAX_ELEMENTS);
}

/** `void (struct ggml_tensor * out, int thread, int threads, void * unused)`, out's sources being p and q. */
export function productKernel(shape: ProductShape): Uint8Array {
  if (!isSupported(shape)) throw new Error(`no kernel for ${JSON.stringify(shape)}`);
  return new ProductEmitter(shape).emit();
}

/** Columns that a thread takes at a time: a multiple of the tile, and alike as far as possible. */
export function columnsPerBlock(shape: ProductShape): number {
  const { columns, batch } = shape;
  if (copiesQ(shape)) return COPIED_BLOCK;
  const forThreads = Math.min(Math.ceil(SHARED_BLOCKS / batch), Math.floor(columns / NARROW_BLOCK));
  const blocks = Math.max(1, Math.ceil(columns / COLUMN_BLOCK), forThreads);
  return Math.ceil(columns / blocks / TILE) * TILE;
}

function copiesQ({ columns, termsFirst }: ProductShape): boolean {
  return !termsFirst && columns % CROWDED === 0;
}

/** Widths of tiles that cover so many columns: sixes, and as few narrow ones as possible, which are slow. */
export function tileWidths(columns: number): { sixes: number; rest: number[] } {
  const sixes = Math.floor(columns / TILE);
  const left = columns % TILE;
  if (left === 0) return { sixes, rest: [] };
  if (left > 2 || sixes === 0) return { sixes, rest: [left] };
  return { sixes: sixes - 1, rest: left === 1 ? [4, 3] : [4, 4] };
}

const local = (name: keyof typeof LOCAL): Memory => at(R.rbp, LOCAL[name]);

class ProductEmitter {
  readonly #asm = new Assembler();
  readonly #shape: ProductShape;
  /** Bytes from one term, or column, to the next. */
  readonly #pTerm: number;
  readonly #qSourceTerm: number;
  /** The same where the tiles read, which may be the copy. */
  readonly #qTerm: number;
  readonly #copiesQ: boolean;
  /** Terms of a round, and the bytes that a panel of them takes. */
  readonly #round: number;
  readonly #panelBytes: number;
  readonly #qColumn: number;
  /** Subroutines that the code calls, by rows and columns of the tile; 0 columns: copies a panel. */
  readonly #routines = new Map<string, { rows: number; columns: number; label: Label }>();
  readonly #mask: Label;

  constructor(shape: ProductShape) {
    this.#shape = shape;
    this.#pTerm = shape.rows * FLOAT;
    this.#qSourceTerm = (shape.termsFirst ? 1 : shape.columns) * FLOAT;
    this.#copiesQ = copiesQ(shape);
    this.#round = this.#copiesQ ? COPIED_TERMS : TERM_BLOCK;
    this.#panelBytes = this.#round * PANEL * FLOAT;
    this.#qTerm = this.#copiesQ ? COPIED_STRIDE * FLOAT : this.#qSourceTerm;
    this.#qColumn = (shape.termsFirst ? shape.terms : 1) * FLOAT;
    this.#mask = this.#asm.label();
  }

  emit(): Uint8Array {
    const asm = this.#asm;
    this.#prologue();
    this.#batches();
    asm.vzeroupper();
    asm.lea(R.rsp, at(R.rbp, -8 * SAVED.length));
    for (const register of [...SAVED].reverse()) asm.pop(register);
    asm.pop(R.rbp);
    asm.ret();
    for (const { rows, columns, label } of this.#routines.values()) {
      asm.place(label);
      if (columns === 0) this.#copyPanel(rows);
      else this.#tile(rows, columns);
    }
    asm.place(this.#mask);
    const used = this.#shape.rows % VECTOR;
    asm.int32s(Array.from({ length: VECTOR }, (_, i) => (i < used ? -1 : 0)));
    return asm.finish();
  }

  #prologue(): void {
    const asm = this.#asm;
    asm.push(R.rbp);
    asm.move(R.rbp, R.rsp);
    for (const register of SAVED) asm.push(register);
    const stack = this.#panelBytes + (this.#copiesQ ? this.#round * this.#qTerm : 0);
    asm.immediate("sub", R.rsp, stack - LOCAL.outBlock);
    asm.immediate("and", R.rsp, -CACHE_LINE);
    asm.moveInt(R.rax, R.rsi);
    asm.store(local("skip"), R.rax);
    asm.moveInt(R.rax, R.rdx);
    asm.store(local("threads"), R.rax);
    const sources = [
      ["p", TENSOR.source0],
      ["q", TENSOR.source1],
    ] as const;
    for (const [name, offset] of sources) {
      asm.load(R.rax, at(R.rdi, offset));
      asm.load(R.rax, at(R.rax, TENSOR.data));
      asm.store(local(name), R.rax);
    }
    asm.load(R.rax, at(R.rdi, TENSOR.data));
    asm.store(local("out"), R.rax);
  }

  /** Every block of columns of every matrix in turn; the threads take them like cards that are dealt. */
  #batches(): void {
    const asm = this.#asm;
    const { rows, columns, terms, batch } = this.#shape;
    const width = columnsPerBlock(this.#shape);
    this.#repeat(local("batchLeft"), batch, () => {
      asm.load(R.rax, local("q"));
      asm.store(local("qBlock"), R.rax);
      asm.load(R.rax, local("out"));
      asm.store(local("outBlock"), R.rax);
      const whole = Math.floor(columns / width);
      this.#repeat(local("blocksLeft"), whole, () => {
        this.#ifMine(() => this.#block(width));
        asm.immediate("add", local("qBlock"), width * this.#qColumn);
        asm.immediate("add", local("outBlock"), width * rows * FLOAT);
      });
      if (columns % width > 0) this.#ifMine(() => this.#block(columns % width));
      asm.immediate("add", local("p"), rows * terms * FLOAT);
      asm.immediate("add", local("q"), terms * columns * FLOAT);
      asm.immediate("add", local("out"), rows * columns * FLOAT);
    });
  }

  #ifMine(body: () => void): void {
    const asm = this.#asm;
    const next = asm.label();
    asm.immediate("cmp", local("skip"), 0);
    asm.jumpIf("notEqual", next);
    body();
    asm.load(R.rax, local("threads"));
    asm.store(local("skip"), R.rax);
    asm.place(next);
    asm.immediate("sub", local("skip"), 1);
  }

  /**
   * One block of columns. r12: p and r13: q from this term on; r11: the panel's start in p, r14: in the result;
   * rcx: terms in this round; rsi and rdx: the tile's start in q and in the result.
   */
  #block(width: number): void {
    const asm = this.#asm;
    const { rows, terms } = this.#shape;
    asm.load(R.r12, local("p"));
    asm.load(R.r13, local("qBlock"));
    asm.moveImmediate(local("termsLeft"), terms);
    asm.moveImmediate(local("accumulate"), 0);
    const round = asm.label();
    asm.place(round);
    asm.load(R.rcx, local("termsLeft"));
    const last = asm.label();
    asm.immediate("cmp", R.rcx, this.#round);
    asm.jumpIf("less", last);
    asm.moveImmediate(R.rcx, this.#round);
    asm.place(last);
    if (this.#copiesQ) this.#copyBlock(width);
    asm.load(R.r14, local("outBlock"));
    asm.move(R.r11, R.r12);
    this.#repeat(R.r15, Math.floor(rows / PANEL), () => this.#panel(PANEL, width));
    if (rows % PANEL > 0) this.#panel(rows % PANEL, width);
    asm.immediate("add", R.r12, this.#round * this.#pTerm);
    asm.immediate("add", R.r13, this.#round * this.#qSourceTerm);
    asm.moveImmediate(local("accumulate"), 1);
    asm.immediate("sub", local("termsLeft"), this.#round);
    asm.jumpIf("greater", round);
  }

  /** Copies rcx terms of a block of columns from r13 to the stack, behind the panel. A multiple of 8 columns. */
  #copyBlock(width: number): void {
    const asm = this.#asm;
    asm.move(R.rax, R.r13);
    asm.lea(R.r8, at(R.rsp, this.#panelBytes));
    asm.move(R.r9, R.rcx);
    const next = asm.label();
    asm.place(next);
    for (let j = 0; j < width; j += VECTOR) {
      asm.vmovups((j / VECTOR) % 8, at(R.rax, j * FLOAT));
      asm.vmovupsStore(at(R.r8, j * FLOAT), (j / VECTOR) % 8);
    }
    asm.immediate("add", R.rax, this.#qSourceTerm);
    asm.immediate("add", R.r8, this.#qTerm);
    asm.immediate("sub", R.r9, 1);
    asm.jumpIf("notEqual", next);
  }

  #panel(rows: number, width: number): void {
    const asm = this.#asm;
    asm.call(this.#routine(rows, 0));
    if (this.#copiesQ) asm.lea(R.rsi, at(R.rsp, this.#panelBytes));
    else asm.move(R.rsi, R.r13);
    asm.move(R.rdx, R.r14);
    const tile = (columns: number) => {
      asm.call(this.#routine(rows, columns));
      asm.immediate("add", R.rsi, columns * this.#qColumn);
      asm.immediate("add", R.rdx, columns * this.#shape.rows * FLOAT);
    };
    const { sixes, rest } = tileWidths(width);
    this.#repeat(R.rbx, sixes, () => tile(TILE));
    for (const columns of rest) tile(columns);
    asm.immediate("add", R.r11, PANEL * FLOAT);
    asm.immediate("add", R.r14, PANEL * FLOAT);
  }

  #routine(rows: number, columns: number): Label {
    const key = `${rows}x${columns}`;
    const known = this.#routines.get(key) ?? { rows, columns, label: this.#asm.label() };
    this.#routines.set(key, known);
    return known.label;
  }

  /**
   * Copies rcx terms of a panel from r11 to the stack, one behind the other: in place they are a row of p apart,
   * each on a page of its own where p is wide, and all in the same few cache lines where its width is a power of 2.
   */
  #copyPanel(rows: number): void {
    const asm = this.#asm;
    if (rows % VECTOR > 0) asm.vmovups(MASK, { label: this.#mask });
    asm.move(R.rax, R.r11);
    asm.lea(R.r8, at(R.rsp, 8));
    asm.move(R.r9, R.rcx);
    const next = asm.label();
    asm.place(next);
    for (const vector of vectorsOf(rows)) {
      this.#loadPart(vector.index, vector.masked, at(R.rax, vector.offset));
      asm.vmovupsStore(at(R.r8, vector.offset), vector.index);
    }
    asm.immediate("add", R.rax, this.#pTerm);
    asm.immediate("add", R.r8, PANEL * FLOAT);
    asm.immediate("sub", R.r9, 1);
    asm.jumpIf("notEqual", next);
    asm.ret();
  }

  /** Adds up rcx terms of a tile, from the panel on the stack and q at rsi, into the result at rdx. */
  #tile(rows: number, columns: number): void {
    const asm = this.#asm;
    const sums = vectorsOf(rows).flatMap((vector) =>
      Array.from({ length: columns }, (_, j) => ({
        register: 2 * j + vector.index,
        masked: vector.masked,
        place: at(R.rdx, j * this.#shape.rows * FLOAT + vector.offset),
      })),
    );
    const [fresh, start] = [asm.label(), asm.label()];
    if (rows % VECTOR > 0) asm.vmovups(MASK, { label: this.#mask });
    asm.immediate("cmp", local("accumulate"), 0);
    asm.jumpIf("equal", fresh);
    for (const { register, masked, place } of sums) this.#loadPart(register, masked, place);
    asm.jump(start);
    asm.place(fresh);
    for (const { register } of sums) asm.vxorps(register, register, register);
    asm.place(start);
    this.#terms(rows, columns);
    for (const { register, masked, place } of sums)
      if (masked) asm.vmaskmovpsStore(place, MASK, register);
      else asm.vmovupsStore(place, register);
    asm.ret();
  }

  #terms(rows: number, columns: number): void {
    const asm = this.#asm;
    const [loop, few, one, done] = [asm.label(), asm.label(), asm.label(), asm.label()];
    const steps = (count: number) => {
      for (let i = 0; i < count; i++) this.#term(rows, columns, i);
      asm.immediate("add", R.r8, count * PANEL * FLOAT);
      asm.immediate("add", R.rdi, count * this.#qTerm);
      asm.immediate("sub", R.r9, count);
    };
    asm.lea(R.r8, at(R.rsp, 8));
    asm.move(R.rdi, R.rsi);
    asm.move(R.r9, R.rcx);
    asm.immediate("sub", R.r9, UNROLL);
    asm.jumpIf("less", few);
    asm.place(loop);
    steps(UNROLL);
    asm.jumpIf("greaterOrEqual", loop);
    asm.place(few);
    asm.immediate("add", R.r9, UNROLL);
    asm.jumpIf("equal", done);
    asm.place(one);
    steps(1);
    asm.jumpIf("notEqual", one);
    asm.place(done);
  }

  #term(rows: number, columns: number, index: number): void {
    const asm = this.#asm;
    const vectors = vectorsOf(rows);
    for (const vector of vectors)
      asm.vmovups(P_VECTORS + vector.index, at(R.r8, index * PANEL * FLOAT + vector.offset));
    for (let j = 0; j < columns; j++) {
      asm.vbroadcastss(Q_VECTOR, at(R.rdi, index * this.#qTerm + j * this.#qColumn));
      for (const vector of vectors) asm.vfmadd231ps(2 * j + vector.index, P_VECTORS + vector.index, Q_VECTOR);
    }
  }

  #loadPart(register: number, masked: boolean, place: Memory): void {
    if (masked) this.#asm.vmaskmovps(register, MASK, place);
    else this.#asm.vmovups(register, place);
  }

  /** `body` so many times; the counter is a register or a local that it leaves alone. */
  #repeat(counter: Parameters<Assembler["moveImmediate"]>[0], times: number, body: () => void): void {
    if (times === 0) return;
    const asm = this.#asm;
    const again = asm.label();
    asm.moveImmediate(counter, times);
    asm.place(again);
    body();
    asm.immediate("sub", counter, 1);
    asm.jumpIf("notEqual", again);
  }
}

/** The vectors of a panel with so many rows; the last may be used in part. */
function vectorsOf(rows: number): { index: number; offset: number; masked: boolean }[] {
  return Array.from({ length: Math.ceil(rows / VECTOR) }, (_, index) => ({
    index,
    offset: index * VECTOR * FLOAT,
    masked: rows < (index + 1) * VECTOR,
  }));
}
