/** What f32 products reach at a size that suits them: the library's, and the generated ones that training uses. */
import type { GgmlBackend } from "../../src/tensor/ggml/backend.ts";
import { openGgmlBackend } from "../../src/tensor/ggml/backend.ts";
import { leaf, matmul, transpose } from "../../src/tensor/ops.ts";

const SIZE = 512;
const PRODUCTS = 4;
const SECONDS = 0.25;

export interface Limit {
  /** One measurement of each, GFLOPS. */
  measure(): Promise<{ library: number; generated: number }>;
  close(): void;
}

export async function mulMatLimit(threads: number): Promise<Limit> {
  const library = productsOn(await openGgmlBackend({ threads, jit: false }), false);
  // The generated product wants its first operand the other way round: so nothing has to be copied.
  const generated = productsOn(await openGgmlBackend({ threads }), true);
  return {
    measure: async () => ({ library: await library.gflops(), generated: await generated.gflops() }),
    close() {
      library.close();
      generated.close();
    },
  };
}

function productsOn(backend: GgmlBackend, transposed: boolean) {
  const [a, b] = [leaf("a", [SIZE, SIZE]), leaf("b", [SIZE, SIZE])];
  backend.allocate([a, b]);
  for (const t of [a, b])
    backend.write(
      t,
      Float32Array.from({ length: SIZE * SIZE }, (_, i) => (i % 17) / 17),
    );
  const program = backend.compile([
    Array.from({ length: PRODUCTS }, () => matmul(transposed ? transpose(a) : a, b)),
  ]);
  return {
    async gflops(): Promise<number> {
      const start = performance.now();
      let runs = 0;
      let seconds = 0;
      while (seconds < SECONDS) {
        await program.run(0);
        runs++;
        seconds = (performance.now() - start) / 1000;
      }
      return (runs * PRODUCTS * 2 * SIZE ** 3) / seconds / 1e9;
    },
    close() {
      program.close();
      backend.close();
    },
  };
}
