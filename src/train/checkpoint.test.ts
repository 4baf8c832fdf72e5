import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { string } from "../gguf/metadata.ts";
import { writeGguf } from "../gguf/write-gguf.ts";
import { leaf } from "../tensor/ops.ts";
import { openOptimizer } from "../tensor/optimizer.ts";
import { openReferenceBackend } from "../tensor/reference/backend.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-checkpoint-"));
afterAll(() => rmSync(folder, { recursive: true }));

const state = {
  step: 7,
  clusters: 21,
  passed: [
    { cluster: 17, from: 2 },
    { cluster: 19, from: 0 },
  ],
  tokens: 12_345,
  seconds: 1.25,
  fingerprint: "abc",
};

/** Two parameters with an optimizer; every value is `fill` plus its place, in bits that F16 would not keep. */
function trainable(fill: number) {
  const backend = openReferenceBackend();
  const parameters = [
    leaf("one.weight", [3, 2], { trainable: true }),
    leaf("gain.weight", [3], { trainable: true }),
  ];
  backend.allocate(parameters);
  const optimizer = openOptimizer(backend, parameters);
  const all = optimizer.state;
  for (const [n, t] of all.entries())
    backend.write(
      t,
      Float32Array.from({ length: t.shape[0] * t.shape[1] }, (_, i) => fill + n + i / 7),
    );
  return { backend, optimizer, all };
}

test("parameters, both moments and the state come back bit for bit", async () => {
  const path = join(folder, "a.gguf");
  const saved = trainable(1 / 3);
  await saveCheckpoint(path, state, saved.backend, saved.optimizer);
  const loaded = trainable(9);
  expect(loadCheckpoint(path, "abc", loaded.backend, loaded.optimizer)).toEqual(state);
  expect(loaded.optimizer.steps).toBe(7);
  expect(loaded.all.map((t) => loaded.backend.read(t))).toEqual(saved.all.map((t) => saved.backend.read(t)));
  const again = join(folder, "b.gguf");
  await saveCheckpoint(again, state, loaded.backend, loaded.optimizer);
  expect(readFileSync(again).equals(readFileSync(path))).toBe(true);
});

test("a checkpoint of another run, a damaged one and a model are refused in one line", async () => {
  const path = join(folder, "c.gguf");
  const { backend, optimizer, all } = trainable(0);
  await saveCheckpoint(path, state, backend, optimizer);
  const before = all.map((t) => backend.read(t));
  const attempt =
    (from: string, print = "abc") =>
    () =>
      loadCheckpoint(from, print, backend, optimizer);
  expect(attempt(path, "other")).toThrow(InputError);
  expect(attempt(path, "other")).toThrow(/belongs to a run with other settings or data/);
  const cut = join(folder, "cut.gguf");
  writeFileSync(cut, readFileSync(path).subarray(0, -40));
  expect(attempt(cut)).toThrow(InputError);
  const model = join(folder, "model.gguf");
  await writeGguf(model, { metadata: new Map([["general.architecture", string("llama")]]), tensors: [] });
  expect(attempt(model)).toThrow(/vikhr\.run_state/);
  const strange = join(folder, "strange.gguf");
  await writeGguf(strange, { metadata: new Map([["vikhr.run_state", string("{")]]), tensors: [] });
  expect(attempt(strange)).toThrow(InputError);
  expect(optimizer.steps).toBe(0);
  expect(all.map((t) => backend.read(t))).toEqual(before);
});
