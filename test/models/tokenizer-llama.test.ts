/**
 * Our encoder against llama.cpp, token for token: a vocabulary trained here goes into a GGUF file with random
 * weights, llama.cpp loads it, and both encode the same hostile mixtures of Russian, English and everything else.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { getLlama, type Llama, LlamaLogLevel, type LlamaModel } from "node-llama-cpp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { f32, type GgufMetadata, string, u32 } from "../../src/gguf/metadata.ts";
import { quantize } from "../../src/gguf/quantize.ts";
import { readGguf } from "../../src/gguf/read-gguf.ts";
import { writeGguf } from "../../src/gguf/write-gguf.ts";
import { DEFAULT_CHAT_TEMPLATE, renderChat } from "../../src/tokenizer/chat-template.ts";
import { encodeSegments } from "../../src/tokenizer/encode-segments.ts";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { trainBpe } from "../../src/tokenizer/train-bpe.ts";
import { CONTROL_TOKENS, tokenizerToGgufMetadata } from "../../src/tokenizer/vocabulary.ts";

const TEXTS = [
  "Верол — маленький город на берегу реки Синь. В нём живёт 12 345 человек, и каждый второй держит кошку.",
  "The small town of Verol lies on the river Sin. Twelve people live there; they'll say it's 1,234 years old.",
  'Ответь по документам: {"relevant_doc_ids": [0, 1]}\n\nОтвет: в документах этого нет.\r\n\tКонец  строки.   ',
  "# Заголовок\n\n- пункт один\n- пункт два\n\n| город | река |\n|-------|------|\n| Верол | Синь |\n",
  "Кто построил мост? Мост построил инженер Лавров в 1907 году. Who built the bridge? Lavrov did, in 1907.",
];

const folder = mkdtempSync(join(tmpdir(), "vikhr-tokenizer-"));
const path = join(folder, "tiny.gguf");
let llama: Llama;
let model: LlamaModel;
let tokenizer: Tokenizer;

/** One layer of the smallest Llama that loads; the weights do not matter. */
async function writeTinyModel(tokenizerKeys: GgufMetadata, vocabSize: number): Promise<void> {
  const [width, hidden] = [32, 32];
  const shapes: [string, number[]][] = [
    ["token_embd", [width, vocabSize]],
    ["output_norm", [width]],
    ...["attn_norm", "ffn_norm"].map((name): [string, number[]] => [`blk.0.${name}`, [width]]),
    ...["attn_q", "attn_k", "attn_v", "attn_output"].map((name): [string, number[]] => [
      `blk.0.${name}`,
      [width, width],
    ]),
    ...["ffn_gate", "ffn_up", "ffn_down"].map((name): [string, number[]] => [
      `blk.0.${name}`,
      [width, hidden],
    ]),
  ];
  const metadata = new Map([
    ["general.architecture", string("llama")],
    ["llama.context_length", u32(64)],
    ["llama.embedding_length", u32(width)],
    ["llama.block_count", u32(1)],
    ["llama.feed_forward_length", u32(hidden)],
    ["llama.attention.head_count", u32(2)],
    ["llama.attention.layer_norm_rms_epsilon", f32(1e-5)],
    ["llama.vocab_size", u32(vocabSize)],
    ...tokenizerKeys,
  ]);
  const tensors = shapes.map(([name, shape]) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length }, (_, i) => 0.1 * Math.sin(i + shape.length));
    const type = shape.length === 1 ? ("F32" as const) : ("Q8_0" as const);
    return { name: `${name}.weight`, shape, type, data: quantize(type, values) };
  });
  await writeGguf(path, { metadata, tensors });
}

beforeAll(async () => {
  const vocabulary = trainBpe(TEXTS, { vocabSize: 700 });
  const metadata = tokenizerToGgufMetadata(vocabulary, DEFAULT_CHAT_TEMPLATE);
  const size = 256 + vocabulary.merges.length + vocabulary.controlTokens.length;
  await writeTinyModel(metadata, size);
  tokenizer = new Tokenizer(readGguf(path));
  llama = await getLlama({
    gpu: false,
    build: "never",
    progressLogs: false,
    logLevel: LlamaLogLevel.error,
  });
  model = await llama.loadModel({ modelPath: path });
});

afterAll(async () => {
  await llama?.dispose();
  rmSync(folder, { recursive: true });
});

/** Pieces of what people write, and of what breaks tokenizers, glued together at random. */
const pieces = fc.oneof(
  fc.constantFrom(...TEXTS.flatMap((text) => text.split(/(?<= )/))),
  fc.constantFrom(...Object.values(CONTROL_TOKENS), "<|eot_", "id|>", "<|", "|>", "<|eot_id", "＜|eot_id|＞"),
  fc.constantFrom(
    "'s",
    "'S",
    "'ll",
    "'Ve",
    "’s",
    "ſ",
    "'ſ",
    "ё",
    "Ё",
    "й",
    "и\u0306",
    "Ǆ",
    "ª",
    "½",
    "²³",
    "٣٤٥",
    "Ⅷ",
  ),
  fc.constantFrom(
    " ",
    "  ",
    "   ",
    "\n",
    "\r\n",
    "\n\n\n",
    "\t",
    "\u00a0",
    "\u0085",
    "\u2028",
    "\u3000",
    "\ufeff",
    "\u200b",
  ),
  fc.constantFrom(
    "🌪",
    "👨‍👩‍👧",
    "🇷🇺",
    "👍🏽",
    "漢字",
    "한국어",
    "שלום",
    "हिन्दी",
    "𝕏𝔸",
    "\u0000",
    "\u001b[0m",
    "\ud800",
  ),
  fc.constantFrom(
    '{"doc_id": 0, "title": null}',
    "\\n",
    "\\u003c",
    "...",
    "—",
    "«",
    "»",
    "(",
    "!?",
    "https://a.b/c?d=e",
  ),
  fc.integer({ min: 0, max: 10 ** 9 }).map(String),
  fc.string({ unit: "grapheme", maxLength: 6 }),
  fc.string({ unit: "binary", maxLength: 4 }),
);
const texts = fc.array(pieces, { maxLength: 12 }).map((list) => list.join(""));

test("llama.cpp gives the same tokens for 10,000 random texts, special tokens off", () => {
  for (const text of fc.sample(texts, { seed: 20, numRuns: 10_000 }))
    expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(model.tokenize(text, false));
});

test("llama.cpp gives the same tokens where control tokens are read, for template parts and clean chats", () => {
  for (const text of fc.sample(texts, { seed: 21, numRuns: 2000 }))
    expect(tokenizer.encodeControl(text), JSON.stringify(text)).toEqual(model.tokenize(text, true));
  const segments = renderChat(DEFAULT_CHAT_TEMPLATE, [
    { role: "documents", content: '[{"doc_id": 0, "title": null, "content": "Верол"}]' },
    { role: "user", content: "  Кто построил мост?\n" },
  ]);
  const whole = segments.map(({ text }) => text).join("");
  expect(encodeSegments(tokenizer, segments).ids).toEqual(model.tokenize(whole, true));
});

test("llama.cpp reads the special tokens that we wrote, and spells every token as we do", () => {
  expect(model.tokens.bos).toBe(tokenizer.bosId);
  expect(model.tokens.eos).toBe(tokenizer.eosId);
  expect(model.tokens.eot).toBe(tokenizer.eotId);
  expect(model.tokens.shouldPrependBosToken).toBe(false);
  expect(model.fileInfo.metadata.tokenizer.chat_template).toBe(DEFAULT_CHAT_TEMPLATE);
  for (let id = 0; id < tokenizer.vocabSize; id++) {
    const text = tokenizer.decode([id], { control: true });
    // A part of a character has no text of its own.
    if (!text.includes("\ufffd")) expect(model.detokenize([id as never], true)).toBe(text);
  }
});
