/**
 * Pages for generated code, through the C library: bytes in, the address of a function out. Pages are written
 * first and made executable afterwards, never both at once. Where the system refuses (SELinux, hardened kernels)
 * or is another one, there is no function. Knows nothing of what the code does.
 */
import type koffi from "koffi";

type Koffi = typeof koffi;

const [PROT_READ, PROT_WRITE, PROT_EXEC] = [1, 2, 4];
const MAP_PRIVATE = 2;
const MAP_ANONYMOUS: Partial<Record<NodeJS.Platform, number>> = { linux: 0x20, darwin: 0x1000 };
/** `MAP_FAILED`: minus one, as an address. */
const FAILED = 2n ** 64n - 1n;

/** Puts code into memory for good; undefined where the system does not allow it. */
export type ExecutableMemory = (code: Uint8Array) => bigint | undefined;

/** undefined on other systems than Linux and macOS, other processors than x64. */
export function openExecutableMemory(c: Koffi): ExecutableMemory | undefined {
  const anonymous = MAP_ANONYMOUS[process.platform];
  if (anonymous === undefined || process.arch !== "x64") return undefined;
  const library = c.load(null);
  const map = library.func(
    "void* mmap(void* at, size_t n, int protection, int flags, int file, int64_t from)",
  );
  const protect = library.func("int mprotect(void* at, size_t n, int protection)");
  const unmap = library.func("int munmap(void* at, size_t n)");
  const copy = library.func("void* memcpy(void* to, const void* from, size_t n)");
  return (code) => {
    const size = code.byteLength;
    const address: bigint | null = map(null, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | anonymous, -1, 0);
    if (address === null || address === FAILED) return undefined;
    copy(address, code, size);
    if (protect(address, size, PROT_READ | PROT_EXEC) === 0) return address;
    unmap(address, size);
    return undefined;
  };
}
