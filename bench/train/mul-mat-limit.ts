/** What the library's f32 product reaches at a size that suits it: the limit that training is compared with. */
import type { GgmlBackend } from "../../src/tensor/ggml/backend.ts";
import { leaf, matmul } from "../../src/tensor/ops.ts";

const SIZE = 512;
const PRODUCTS = 4;
const SECONDS = 0.25;

export interface Limit {
  /** One measurement, GFLOPS. */
  measure(): Promise<number>;
  close(): void;
}

export function mulMatLimit(backend: GgmlBackend): Limit {
  const [a, b] = [leaf("a", [SIZE, SIZE]), leaf("b", [SIZE, SIZE])];
  backend.allocate([a, b]);
  for (const t of [a, b])
    backend.write(
      t,
      Float32Array.from({ length: SIZE * SIZE }, (_, i) => (i % 17) / 17),
    );
  const program = backend.compile([Array.from({ length: PRODUCTS }, () => matmul(a, b))]);
  return {
    async measure() {
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
    close: () => program.close(),
  };
}
