/**
 * What all generated functions share: ggml calls them with a tensor, the number of a thread and that of all threads
 * (`ggml_custom_op_t`), and they deal out their work like cards.
 */
import type { Assembler, Memory, Register } from "./assembler.ts";

/** `struct ggml_tensor` of the pinned release: where its first three sources and its data are, in bytes. */
export const TENSOR = { source0: 152, source1: 160, source2: 168, data: 248, size: 336 } as const;

/** `body` so many times; it leaves the counter alone. */
export function repeat(asm: Assembler, counter: Register | Memory, times: number, body: () => void): void {
  if (times === 0) return;
  const again = asm.label();
  asm.moveImmediate(counter, times);
  asm.place(again);
  body();
  asm.immediate("sub", counter, 1);
  asm.jumpIf("notEqual", again);
}

/** `body` for one thread: the one whose `skip`, at first its number, is 0; `restart` sets that to all threads' number. */
export function deal(asm: Assembler, skip: Register | Memory, restart: () => void, body: () => void): void {
  const next = asm.label();
  asm.immediate("cmp", skip, 0);
  asm.jumpIf("notEqual", next);
  body();
  restart();
  asm.place(next);
  asm.immediate("sub", skip, 1);
}
