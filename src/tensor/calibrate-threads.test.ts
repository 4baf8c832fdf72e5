import { expect, test } from "vitest";
import { calibrateThreads, fewestWorthwhile } from "./calibrate-threads.ts";
import { openGgmlBackend } from "./ggml/backend.ts";
import { leaf, matmul } from "./ops.ts";

test.each<[number[], number]>([
  [[1], 1],
  [[1, 1.9, 2.8, 3.6], 4],
  [[1, 1.04], 1],
  [[1, 0.5, 0.4], 1],
  [[1, 1.8, 1.85, 1.7], 2],
])("of speeds %j it takes %i threads", (rates, threads) => {
  expect(fewestWorthwhile(rates)).toBe(threads);
});

test("the backend computes with the number that was found", async () => {
  const backend = await openGgmlBackend();
  expect(await calibrateThreads(backend, { maxThreads: 1 })).toBe(1);
  await calibrateThreads(backend, { maxThreads: 2 });
  const [a, b] = [leaf("a", [2, 1]), leaf("b", [2, 1])];
  backend.allocate([a, b]);
  backend.write(a, Float32Array.of(1, 2));
  backend.write(b, Float32Array.of(3, 4));
  const product = matmul(a, b);
  const program = backend.compile([[product]]);
  await program.run(0);
  expect([...program.read(product)]).toEqual([11]);
  backend.close();
});
