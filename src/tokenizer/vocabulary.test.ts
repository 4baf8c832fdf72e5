import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { metadataBool, metadataNumber, metadataString, metadataStrings } from "../gguf/metadata.ts";
import { trainBpe } from "./train-bpe.ts";
import { CONTROL_TOKENS, readVocabulary, tokenizerToGgufMetadata, writeVocabulary } from "./vocabulary.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-vocabulary-"));
const path = join(folder, "vocabulary.json");
afterAll(() => rmSync(folder, { recursive: true }));
const vocabulary = trainBpe(["слово слово the the"], { vocabSize: 280 });

test("a vocabulary survives its file", async () => {
  await writeVocabulary(path, vocabulary);
  expect(readVocabulary(path)).toEqual(vocabulary);
});

test("files that are none are an error", () => {
  const outcome = (text: string) => {
    writeFileSync(path, text);
    return () => readVocabulary(path);
  };
  const file = (changes: object) =>
    JSON.stringify({
      format: "vikhr-vocabulary",
      version: 1,
      preTokenizer: "llama-bpe",
      controlTokens: [],
      merges: [],
      ...changes,
    });
  expect(outcome(file({}))()).toEqual({ merges: [], controlTokens: [] });
  expect(outcome("{")).toThrow(/it is not JSON/);
  expect(outcome("[]")).toThrow(InputError);
  expect(outcome(file({ version: 2 }))).toThrow(/version/);
  expect(outcome(file({ merges: [[1, 256]] }))).toThrow(/merge 0 uses an id that does not exist yet/);
  expect(outcome(file({ merges: [[1, -2]] }))).toThrow(InputError);
  expect(outcome(file({ controlTokens: ["<|a|>", "<|a|>"] }))).toThrow(/stands twice/);
  expect(() => readVocabulary(join(folder, "absent"))).toThrow(/no such file/);
  expect(() => readVocabulary(folder)).toThrow(/it is a folder/);
});

test("the GGUF keys name the control tokens, and leave the first token to the template", () => {
  const source = { path: "x", metadata: tokenizerToGgufMetadata(vocabulary, "{{ template }}") };
  const tokens = metadataStrings(source, "tokenizer.ggml.tokens");
  const named = (key: string) => tokens[metadataNumber(source, `tokenizer.ggml.${key}_token_id`)];
  expect([named("bos"), named("eos"), named("eot"), named("padding")]).toEqual([
    CONTROL_TOKENS.bos,
    CONTROL_TOKENS.eot,
    CONTROL_TOKENS.eot,
    CONTROL_TOKENS.pad,
  ]);
  expect(metadataBool(source, "tokenizer.ggml.add_bos_token")).toBe(false);
  expect(metadataString(source, "tokenizer.chat_template")).toBe("{{ template }}");
  expect(metadataStrings(source, "tokenizer.ggml.merges").length).toBe(vocabulary.merges.length);
  expect(() => tokenizerToGgufMetadata({ merges: [], controlTokens: [] })).toThrow(/lacks the control token/);
});
