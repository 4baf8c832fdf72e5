import { expect, test } from "vitest";
import { tokenBytes } from "./token-bytes.ts";

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test("byte-level BPE: spelled bytes, added tokens as they stand, nothing for control tokens", () => {
  const tokens = ["ĠÐ¸", "Ð", "<|eot_id|>", "<tool>", "слово"];
  const bytesOf = tokenBytes({ tokenizer: "gpt2", tokens, tokenTypes: [1, 1, 3, 4, 1] });
  expect(tokens.map((_, id) => text(bytesOf(id)))).toEqual([" и", "\ufffd", "", "<tool>", "слово"]);
  expect([...bytesOf(1)]).toEqual([0xd0]);
  expect(bytesOf(99).length).toBe(0);
});

test("SentencePiece: spaces and bytes", () => {
  const tokens = ["▁да", "<0xD0>", "<unk>", "</s>"];
  const bytesOf = tokenBytes({ tokenizer: "llama", tokens, tokenTypes: [1, 6, 2, 3] });
  expect(text(bytesOf(0))).toBe(" да");
  expect([...bytesOf(1)]).toEqual([0xd0]);
  expect(bytesOf(2).length + bytesOf(3).length).toBe(0);
});
