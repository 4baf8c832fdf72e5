/**
 * For tests: runs generated code on operands that begin, or end, where a page begins or ends whose use would end the
 * process. Machine code and numbers in, the result's numbers out. Linux and macOS.
 */
import type koffi from "koffi";
import { TENSOR } from "./custom-operation.ts";
import { openExecutableMemory } from "./executable-memory.ts";

/** Whether operands lie right behind such a page, or right before one. */
type Side = "start" | "end";

export interface GuardedCall {
  code: Uint8Array;
  sources: readonly Float32Array[];
  /** Floats of the result; NaN before the call. */
  size: number;
  threads: number;
  side: Side;
}

type Code = (tensor: bigint, thread: number, threads: number, unused: null) => void;

const PAGE = 4096;
/** MAP_PRIVATE | MAP_ANONYMOUS. */
const FLAGS = process.platform === "darwin" ? 0x1002 : 0x22;
const READ_AND_WRITE = 3;

export function openGuardedRun(c: typeof koffi): (call: GuardedCall) => Float32Array {
  const library = c.load(null);
  const map = library.func(
    "void* mmap(void* at, size_t n, int protection, int flags, int file, int64_t from)",
  );
  const protect = library.func("int mprotect(void* at, size_t n, int protection)");
  const unmap = library.func("int munmap(void* at, size_t n)");
  const copyIn = library.func("void* memcpy(void* to, const void* from, size_t n)");
  const put = openExecutableMemory(c)!;
  const signature = c.proto("void", ["void*", "int", "int", "void*"]);
  const mapped: [bigint, number][] = [];

  const place = (bytes: Uint8Array, side: Side): bigint => {
    const inner = Math.ceil(bytes.byteLength / PAGE) * PAGE;
    const outer: bigint = map(null, inner + 2 * PAGE, 0, FLAGS, -1, 0);
    mapped.push([outer, inner + 2 * PAGE]);
    protect(outer + BigInt(PAGE), inner, READ_AND_WRITE);
    const address = outer + BigInt(side === "start" ? PAGE : PAGE + inner - bytes.byteLength);
    copyIn(address, bytes, bytes.byteLength);
    return address;
  };
  const floats = (values: Float32Array, side: Side) => place(new Uint8Array(values.buffer), side);
  const tensor = (data: bigint, sources: bigint[]) => {
    const struct = new DataView(new ArrayBuffer(TENSOR.size));
    struct.setBigUint64(TENSOR.data, data, true);
    for (const [i, source] of sources.entries()) struct.setBigUint64(TENSOR.source0 + 8 * i, source, true);
    return place(new Uint8Array(struct.buffer), "start");
  };

  return ({ code, sources, size, threads, side }) => {
    const run = c.decode(put(code)!, signature) as Code;
    const out = floats(new Float32Array(size).fill(Number.NaN), side);
    const operands = sources.map((values) => tensor(floats(values, side), []));
    const node = tensor(out, operands);
    // In reverse: nothing may depend on the order in which the threads come.
    for (let thread = threads - 1; thread >= 0; thread--) run(node, thread, threads, null);
    const result = new Float32Array(c.view(out, size * 4).slice(0));
    for (const [address, bytes] of mapped.splice(0)) unmap(address, bytes);
    return result;
  };
}
