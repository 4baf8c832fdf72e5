/**
 * How many threads compute fastest on this machine as it is now. ggml's threads wait for one another by spinning,
 * so that with other work on the cores two threads can be slower than one: measured, not guessed.
 */
import { availableParallelism } from "node:os";
import type { Program } from "./backend.ts";
import type { GgmlBackend } from "./ggml/backend.ts";
import { leaf, matmul, mul, outer, silu } from "./ops.ts";
import type { Tensor } from "./tensor.ts";

export interface CalibrateThreadsOptions {
  /** Largest number to try. Default: the machine's cores, at most 16. */
  maxThreads?: number;
}

/** Beyond this, barriers cost more than small products gain. */
const MAX_THREADS = 16;
const WIDTH = 128;
const LAYERS = 4;
const ROUNDS = 3;
const MILLISECONDS_A_ROUND = 12;
/** A thread more has to pay: others may want the core. */
const WORTHWHILE = 1.05;

/** The fastest number of threads, to which the backend is then set. Takes some 40 ms for each number tried. */
export async function calibrateThreads(
  backend: GgmlBackend,
  options: CalibrateThreadsOptions = {},
): Promise<number> {
  const max = options.maxThreads ?? Math.min(availableParallelism(), MAX_THREADS);
  const program = representativeProgram(backend);
  const rates = Array.from({ length: max }, () => [] as number[]);
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, measured] of rates.entries()) {
      backend.setThreads(i + 1);
      measured.push(await runsPerMillisecond(program));
    }
  program.close();
  const threads = fewestWorthwhile(rates.map(median));
  backend.setThreads(threads);
  return threads;
}

/** `rates[i]` is the speed with i + 1 threads; a number of threads is taken where it clearly beats the fewer. */
export function fewestWorthwhile(rates: readonly number[]): number {
  let best = 0;
  for (const [i, rate] of rates.entries()) if (rate > WORTHWHILE * rates[best]!) best = i;
  return best + 1;
}

/** Products and elementwise steps in the proportion of a small model's training step. */
function representativeProgram(backend: GgmlBackend): Program {
  const w = leaf("w", [WIDTH, WIDTH]);
  let x: Tensor = leaf("x", [WIDTH, 2 * WIDTH]);
  backend.allocate([w, x]);
  const results: Tensor[] = [];
  for (let i = 0; i < LAYERS; i++) {
    const y = matmul(w, x);
    x = mul(silu(y), x);
    results.push(outer(x, y));
  }
  return backend.compile([results]);
}

async function runsPerMillisecond(program: Program): Promise<number> {
  await program.run(0);
  const start = performance.now();
  let elapsed = 0;
  let runs = 0;
  while (elapsed < MILLISECONDS_A_ROUND) {
    await program.run(0);
    runs++;
    elapsed = performance.now() - start;
  }
  return runs / elapsed;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
