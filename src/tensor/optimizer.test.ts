/** Updates on the backend against the formulas in plain numbers, and what both optimizers share: clipping, emptying. */
import { expect, test } from "vitest";
import { openGgmlBackend } from "./ggml/backend.ts";
import { leaf } from "./ops.ts";
import { openOptimizer } from "./optimizer.ts";
import { openReferenceBackend } from "./reference/backend.ts";

const WIDTH = 6;
const HEIGHT = 4;

async function setUp(open: typeof openReferenceBackend | typeof openGgmlBackend, useMuon: boolean) {
  const backend = await open();
  const matrix = leaf("matrix", [WIDTH, HEIGHT], { trainable: true });
  const gain = leaf("gain", [WIDTH], { trainable: true });
  backend.allocate([matrix, gain]);
  backend.write(
    matrix,
    Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => Math.cos(i)),
  );
  backend.write(gain, new Float32Array(WIDTH).fill(1));
  const optimizer = openOptimizer(backend, [matrix, gain], { muon: useMuon ? [matrix] : [], maxGradNorm: 2 });
  const given = new Map([matrix, gain].map((p) => [p, leaf(`given.${p.attributes.name}`, p.shape)] as const));
  backend.allocate([...given.values()]);
  const accumulate = backend.compile([optimizer.accumulateInto(given)]);
  const setGradient = (f: (i: number) => number) => {
    for (const g of given.values())
      backend.write(
        g,
        Float32Array.from({ length: g.shape[0] * g.shape[1] }, (_, i) => f(i)),
      );
  };
  return { backend, matrix, gain, optimizer, accumulate, setGradient };
}

test.each([
  ["adamw", false],
  ["muon", true],
] as const)("%s: ggml and the reference walk the same way for ten steps", async (_, useMuon) => {
  const sides = [await setUp(openReferenceBackend, useMuon), await setUp(openGgmlBackend, useMuon)];
  for (let t = 0; t < 10; t++) {
    const norms = [];
    for (const side of sides) {
      side.setGradient((i) => Math.sin(3 * i + t));
      await side.accumulate.run(0);
      await side.accumulate.run(0);
      norms.push(await side.optimizer.step(0.05));
    }
    expect(norms[1]).toBeCloseTo(norms[0]!, 4);
  }
  const [reference, ggml] = sides.map((s) => [...s.backend.read(s.matrix), ...s.backend.read(s.gain)]);
  for (const [i, value] of reference!.entries()) expect(ggml![i]).toBeCloseTo(value, 4);
  for (const side of sides) side.backend.close();
});

test("Muon's step has singular values near one, whatever the gradient's", async () => {
  const { backend, matrix, optimizer, accumulate, setGradient } = await setUp(openReferenceBackend, true);
  const before = backend.read(matrix);
  setGradient((i) => (i % WIDTH === Math.floor(i / WIDTH) ? 10 ** -Math.floor(i / WIDTH / 2) : 0));
  await accumulate.run(0);
  await optimizer.step(1);
  const after = backend.read(matrix);
  const rate = 0.2 * Math.sqrt(WIDTH);
  for (let i = 0; i < HEIGHT; i++) {
    const diagonal = before[i * WIDTH + i]! * (1 - 0.01) - after[i * WIDTH + i]!;
    expect(diagonal / rate).toBeGreaterThan(0.6);
    expect(diagonal / rate).toBeLessThan(1.3);
  }
  backend.close();
});

test("a gradient that is not finite changes nothing", async () => {
  const { backend, matrix, optimizer, accumulate, setGradient } = await setUp(openReferenceBackend, true);
  const before = backend.read(matrix);
  setGradient(() => Number.NaN);
  await accumulate.run(0);
  expect(await optimizer.step(1)).toBeNaN();
  expect(backend.read(matrix)).toEqual(before);
  expect(optimizer.steps).toBe(0);
  backend.close();
});
