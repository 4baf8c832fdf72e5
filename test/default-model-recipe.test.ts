/** The default model's settings fit together: each stage goes on from the one before, on data that there are. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DIALOGUE_SETS } from "../recipes/default-model/dialogue-sets.ts";
import { resolveOptions } from "../src/synthesis/grounded/options.ts";
import { readSftSettings } from "../src/train/sft-settings.ts";

const FOLDER = join(import.meta.dirname, "../recipes/default-model");
const RUN = "runs/default-model";
const stages = readdirSync(FOLDER)
  .filter((name) => /^stage-\d+\.yaml$/.test(name))
  .sort((a, b) => Number.parseInt(a.slice(6), 10) - Number.parseInt(b.slice(6), 10));

test.each(stages.map((name, i) => [name, i + 1] as const))("%s", (name, number) => {
  const settings = readSftSettings(join(FOLDER, name));
  expect(settings.output_dir).toBe(`${RUN}/stage-${number}`);
  if (number === 1) expect(settings.tokenizer).toBe(`${RUN}/vocabulary.json`);
  else expect(settings.model_name_or_path).toBe(`${RUN}/stage-${number - 1}/model.gguf`);
  const files = [settings.dataset, settings.eval_dataset!].flat();
  const known = Object.keys(DIALOGUE_SETS).map((set) => `${RUN}/${set}.jsonl`);
  expect(files.filter((file) => !known.includes(file))).toEqual([]);
  expect(settings.export_type).toBe(number === stages.length ? "Q8_0" : "F32");
});

test("the sets can be made", () => {
  expect(stages.length).toBe(8);
  for (const { clusters, options } of Object.values(DIALOGUE_SETS)) {
    expect(clusters).toBeGreaterThan(0);
    expect(() => resolveOptions(options)).not.toThrow();
  }
});
