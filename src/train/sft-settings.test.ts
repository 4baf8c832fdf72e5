import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { readSftSettings } from "./sft-settings.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "sft.yaml");

function read(text: string) {
  writeFileSync(path, text);
  return readSftSettings(path);
}

const FRESH = `
output_dir: runs/a
tokenizer: tokenizer.json
dataset: train.jsonl
fresh_model: {hidden_size: 64, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, intermediate_size: 96}
`;
const BASE = "output_dir: runs/a\nmodel_name_or_path: base.gguf\ndataset: [a.jsonl, b.jsonl]\n";

test("defaults are filled in, TRL's names are kept", () => {
  expect(read(FRESH)).toMatchObject({
    max_length: 1024,
    lr_scheduler_type: "cosine",
    export_type: "F16",
    fresh_model: { rope_theta: 500_000, tie_word_embeddings: true },
  });
  expect(read(BASE)).toMatchObject({ dataset: ["a.jsonl", "b.jsonl"], learning_rate: 1e-4 });
});

describe("one line with the file and the setting for", () => {
  test.each<[string, string, RegExp]>([
    ["an unknown setting", `${BASE}learning_rat: 1\n`, /learning_rat/],
    ["a number that is a word", `${BASE}max_length: long\n`, /max_length/],
    ["a number out of range", `${BASE}max_length: 3\n`, /max_length/],
    ["an infinite number", `${BASE}learning_rate: .inf\n`, /learning_rate/],
    ["a missing setting", "output_dir: a\nmodel_name_or_path: b\n", /dataset/],
    ["an unknown export type", `${BASE}export_type: Q4_K\n`, /export_type/],
    ["neither a base nor a fresh model", "output_dir: a\ndataset: b\n", /model_name_or_path or fresh_model/],
    ["both", `${FRESH}model_name_or_path: b\n`, /one of them/],
    ["a fresh model without a tokenizer", FRESH.replace(/tokenizer.*\n/, ""), /needs a tokenizer/],
    ["a base model with one", `${BASE}tokenizer: t.json\n`, /leave it out/],
    [
      "heads that do not divide the width",
      FRESH.replace("hidden_size: 64", "hidden_size: 60"),
      /hidden_size/,
    ],
    [
      "key heads that do not divide the heads",
      FRESH.replace("value_heads: 2", "value_heads: 3"),
      /key_value_heads/,
    ],
    ["no YAML", "a: [", /sft\.yaml/],
    ["an empty file", "", /settings/],
  ])("%s", (_, text, wanted) => {
    expect(() => read(text)).toThrow(InputError);
    expect(() => read(text)).toThrow(wanted);
    expect(() => read(text)).toThrow(path);
    expect(() => read(text)).not.toThrow(/\n/);
  });

  test("no file", () => {
    expect(() => readSftSettings(join(folder, "none.yaml"))).toThrow(/cannot read .*none\.yaml/);
  });
});
