/**
 * Machine code for one product of f32 matrices of known sizes: sizes in, bytes of an x86-64 function out (System V
 * calling convention, AVX2 and FMA). The function has the signature of ggml's custom operation. The blocking is
 * that of Goto & van de Geijn 2008, with 16 rows x 6 columns of the result in registers; specialising the code
 * follows Heinecke et al. 2016 (LIBXSMM). The result does not depend on the number of threads: they share out
 * blocks of columns, and the sum behind a number always runs in the same order.
 */
import { VISIBILITY_BLOCK } from "../operations.ts";
import { Assembler, at, type Label, type Memory, R } from "./assembler.ts";
import { deal, repeat, TENSOR } from "./custom-operation.ts";
import {
  blocksOf,
  FLOAT,
  isSupported,
  PANEL,
  type ProductBlocks,
  type ProductShape,
  TILE,
  tileWidths,
  VECTOR,
  vectorsOf,
} from "./product-blocks.ts";

const P_VECTORS = 12;
const Q_VECTOR = 14;
const MASK = 15;
const UNROLL = 4;
/** Bytes of an entry in the table. */
const ENTRY = 4;

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
  partsLeft: -136,
  pPart: -144,
  outPart: -152,
  table: -160,
  columnTable: -168,
  partTable: -176,
  roundTable: -184,
  tablesLeft: -192,
  groupsLeft: -200,
  roundsLeft: -208,
} as const;
const LOCALS = Math.max(...Object.values(LOCAL).map((offset) => -offset));
const SAVED = [R.rbx, R.r12, R.r13, R.r14, R.r15] as const;
const CACHE_LINE = 64;

/**
 * `void (struct ggml_tensor * out, int thread, int threads, void * unused)`, out's sources being p and q, and the table
 * where the shape has sparsity.
 */
export function productKernel(shape: ProductShape): Uint8Array {
  if (!isSupported(shape)) throw new Error(`no kernel for ${JSON.stringify(shape)}`);
  return new ProductEmitter(shape).emit();
}

const local = (name: keyof typeof LOCAL): Memory => at(R.rbp, LOCAL[name]);

class ProductEmitter {
  readonly #asm = new Assembler();
  readonly #shape: ProductShape;
  readonly #blocks: ProductBlocks;
  /** Bytes from one term, or column, to the next. */
  readonly #pTerm: number;
  readonly #qSourceTerm: number;
  /** The same where the tiles read, which may be the copy. */
  readonly #qTerm: number;
  /** Terms of a round, and the bytes that a panel of them takes. */
  readonly #round: number;
  readonly #panelBytes: number;
  readonly #qColumn: number;
  /** Subroutines that the code calls, by rows and columns of the tile; 0 columns: copies a panel. */
  readonly #routines = new Map<string, { rows: number; columns: number; label: Label }>();
  readonly #mask: Label;

  constructor(shape: ProductShape) {
    this.#shape = shape;
    this.#blocks = blocksOf(shape);
    this.#pTerm = shape.rows * FLOAT;
    this.#qSourceTerm = (shape.termsFirst ? 1 : shape.columns) * FLOAT;
    this.#round = this.#blocks.terms;
    this.#panelBytes = this.#round * PANEL * FLOAT;
    const { copyStride } = this.#blocks;
    this.#qTerm = copyStride === undefined ? this.#qSourceTerm : copyStride * FLOAT;
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

  get #copiesQ(): boolean {
    return this.#blocks.copyStride !== undefined;
  }

  #prologue(): void {
    const asm = this.#asm;
    asm.push(R.rbp);
    asm.move(R.rbp, R.rsp);
    for (const register of SAVED) asm.push(register);
    const stack = this.#panelBytes + (this.#copiesQ ? this.#round * this.#qTerm : 0);
    asm.immediate("sub", R.rsp, stack + LOCALS);
    asm.immediate("and", R.rsp, -CACHE_LINE);
    asm.moveInt(R.rax, R.rsi);
    asm.store(local("skip"), R.rax);
    asm.moveInt(R.rax, R.rdx);
    asm.store(local("threads"), R.rax);
    const sources = [
      ["p", TENSOR.source0],
      ["q", TENSOR.source1],
      ["table", TENSOR.source2],
    ] as const;
    for (const [name, offset] of this.#shape.sparsity ? sources : sources.slice(0, 2)) {
      asm.load(R.rax, at(R.rdi, offset));
      asm.load(R.rax, at(R.rax, TENSOR.data));
      asm.store(local(name), R.rax);
    }
    asm.load(R.rax, at(R.rdi, TENSOR.data));
    asm.store(local("out"), R.rax);
  }

  /** Every matrix in turn. */
  #batches(): void {
    const asm = this.#asm;
    const { batch, sparsity } = this.#shape;
    const heads = sparsity?.heads ?? batch;
    repeat(asm, local("tablesLeft"), batch / heads, () => {
      repeat(asm, local("batchLeft"), heads, () => this.#matrix());
      if (sparsity) asm.immediate("add", local("table"), this.#tableBlocks ** 2 * ENTRY);
    });
  }

  /** Every block of columns in turn. */
  #matrix(): void {
    const asm = this.#asm;
    const { rows, columns, terms } = this.#shape;
    const width = this.#blocks.columns;
    this.#copyLocal("qBlock", "q");
    this.#copyLocal("outBlock", "out");
    const step = this.#tableStep("columns");
    this.#groups("columns", "columnTable", "table", (groups) => {
      repeat(asm, local("blocksLeft"), Math.floor(columns / width / groups), () => {
        this.#parts(width);
        asm.immediate("add", local("qBlock"), width * this.#qColumn);
        asm.immediate("add", local("outBlock"), width * rows * FLOAT);
        if (step > 0) asm.immediate("add", local("columnTable"), step);
      });
    });
    if (columns % width > 0) this.#parts(columns % width);
    asm.immediate("add", local("p"), rows * terms * FLOAT);
    asm.immediate("add", local("q"), terms * columns * FLOAT);
    asm.immediate("add", local("out"), rows * columns * FLOAT);
  }

  /** Rows of one block of columns in parts, dealt to the threads. */
  #parts(width: number): void {
    const asm = this.#asm;
    const { rows } = this.#shape;
    const step = this.#blocks.panels * PANEL;
    const tableStep = this.#tableStep("rows");
    this.#copyLocal("pPart", "p");
    this.#copyLocal("outPart", "outBlock");
    if (this.#shape.sparsity) this.#copyLocal("partTable", "columnTable");
    repeat(asm, local("partsLeft"), Math.floor(rows / step), () => {
      const next = asm.label();
      if (this.#isVisibleResult) this.#skipUnseen("partTable", next);
      this.#deal(() => this.#block(step, width));
      asm.place(next);
      asm.immediate("add", local("pPart"), step * FLOAT);
      asm.immediate("add", local("outPart"), step * FLOAT);
      if (tableStep > 0) asm.immediate("add", local("partTable"), tableStep);
    });
    if (rows % step > 0) this.#deal(() => this.#block(rows % step, width));
  }

  #deal(body: () => void): void {
    const asm = this.#asm;
    const restart = () => {
      asm.load(R.rax, local("threads"));
      asm.store(local("skip"), R.rax);
    };
    deal(asm, local("skip"), restart, body);
  }

  /**
   * Some rows of one block of columns. r12: p and r13: q from this term on; r11: the panel's start in p, r14: in the result;
   * rcx: terms in this round; rsi and rdx: the tile's start in q and in the result.
   */
  #block(rows: number, width: number): void {
    const asm = this.#asm;
    const { terms } = this.#shape;
    asm.load(R.r12, local("pPart"));
    asm.load(R.r13, local("qBlock"));
    asm.moveImmediate(local("accumulate"), 0);
    const step = this.#tableStep("terms");
    if (step > 0) {
      this.#groups("terms", "roundTable", "partTable", (groups) => {
        repeat(asm, local("roundsLeft"), terms / this.#round / groups, () => {
          const unseen = asm.label();
          this.#skipUnseen("roundTable", unseen);
          asm.moveImmediate(R.rcx, this.#round);
          this.#panels(rows, width);
          asm.moveImmediate(local("accumulate"), 1);
          asm.place(unseen);
          this.#nextRound();
          asm.immediate("add", local("roundTable"), step);
        });
      });
      return;
    }
    asm.moveImmediate(local("termsLeft"), terms);
    const round = asm.label();
    asm.place(round);
    asm.load(R.rcx, local("termsLeft"));
    const last = asm.label();
    asm.immediate("cmp", R.rcx, this.#round);
    asm.jumpIf("less", last);
    asm.moveImmediate(R.rcx, this.#round);
    asm.place(last);
    this.#panels(rows, width);
    this.#nextRound();
    asm.moveImmediate(local("accumulate"), 1);
    asm.immediate("sub", local("termsLeft"), this.#round);
    asm.jumpIf("greater", round);
  }

  #nextRound(): void {
    this.#asm.immediate("add", R.r12, this.#round * this.#pTerm);
    this.#asm.immediate("add", R.r13, this.#round * this.#qSourceTerm);
  }

  /** rcx terms from r12 and r13 on. */
  #panels(rows: number, width: number): void {
    const asm = this.#asm;
    if (this.#copiesQ) this.#copyBlock(width);
    asm.load(R.r14, local("outPart"));
    asm.move(R.r11, R.r12);
    repeat(asm, R.r15, Math.floor(rows / PANEL), () => this.#panel(PANEL, width));
    if (rows % PANEL > 0) this.#panel(rows % PANEL, width);
  }

  /** Blocks of keys, and so of queries in one part of them. */
  get #tableBlocks(): number {
    const { sparsity } = this.#shape;
    return sparsity ? this.#shape[sparsity.keys] / VISIBILITY_BLOCK : 0;
  }

  /** Whether the result is the matrix of attention: all or nothing of a part is computed. */
  get #isVisibleResult(): boolean {
    const { sparsity } = this.#shape;
    return sparsity?.keys === "rows" && sparsity.queries === "columns";
  }

  /** Bytes in the table from one block of this size to the next; 0 where the size is neither keys nor queries. */
  #tableStep(size: "rows" | "columns" | "terms"): number {
    const { sparsity } = this.#shape;
    if (sparsity?.keys === size) return ENTRY;
    return sparsity?.queries === size ? this.#tableBlocks * ENTRY : 0;
  }

  /** `body` for every part of the queries, each from the table's start on; once, where the size is not the queries. */
  #groups(
    size: "columns" | "terms",
    to: "columnTable" | "roundTable",
    from: "table" | "partTable",
    body: (groups: number) => void,
  ): void {
    const { sparsity } = this.#shape;
    const groups = sparsity?.queries === size ? this.#shape[size] / this.#shape[sparsity.keys] : 1;
    const group = () => {
      if (sparsity) this.#copyLocal(to, from);
      body(groups);
    };
    // One size at most is the queries: the other has no use for the counter.
    if (groups === 1) group();
    else repeat(this.#asm, local("groupsLeft"), groups, group);
  }

  #copyLocal(to: keyof typeof LOCAL, from: keyof typeof LOCAL): void {
    this.#asm.load(R.rax, local(from));
    this.#asm.store(local(to), R.rax);
  }

  #skipUnseen(entry: "partTable" | "roundTable", to: Label): void {
    this.#asm.load(R.rax, local(entry));
    this.#asm.compareInt(at(R.rax), 0);
    this.#asm.jumpIf("equal", to);
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
    repeat(asm, R.rbx, sixes, () => tile(TILE));
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
}
