import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../errors.ts";
import {
  type GgufValue,
  i32s,
  metadataNumbers,
  metadataStrings,
  string,
  strings,
  u32,
} from "../gguf/metadata.ts";
import { Tokenizer } from "./tokenizer.ts";
import { trainBpe } from "./train-bpe.ts";
import { CONTROL_TOKENS, tokenizerToGgufMetadata } from "./vocabulary.ts";

const TEXT = "Кто построил мост? Мост построил инженер. Who built the bridge? The bridge was built. ";
const metadata = tokenizerToGgufMetadata(trainBpe([TEXT.repeat(3)], { vocabSize: 400 }));
const tokenizer = new Tokenizer({ path: "test.gguf", metadata });

/** Everything that could be taken for a control token, or break bytes and characters apart. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...Object.values(CONTROL_TOKENS),
        "<|eot_id|",
        "|>",
        "＜|eot_id|＞",
        "<|eot\u200b_id|>",
        TEXT,
      ),
      fc.constantFrom(" ", "\n\n", "\ufeff", "\u0000", "Ġ", "Ċ", "'s", "12345"),
      fc.string({ unit: "grapheme", maxLength: 5 }),
      fc.string({ unit: "binary", maxLength: 5 }),
    ),
    { maxLength: 10 },
  )
  .map((list) => list.join(""));

describe("text", () => {
  test("comes back as it was, and never holds a control token", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const ids = tokenizer.encode(text);
        expect(tokenizer.decode(ids)).toBe(text.replace(/\p{Surrogate}/gu, "\ufffd"));
        expect(ids.some((id) => tokenizer.isControl(id))).toBe(false);
        expect(Buffer.concat(ids.map((id) => tokenizer.tokenBytes(id))).toString("utf8")).toBe(
          tokenizer.decode(ids),
        );
      }),
      { numRuns: 400 },
    );
  });

  test("a lone surrogate is U+FFFD, as in any UTF-8", () => {
    expect(tokenizer.encode("а\ud800б")).toEqual(tokenizer.encode("а\ufffdб"));
  });

  test("the same text gives the same tokens, cached or not", () => {
    expect(tokenizer.encode(TEXT)).toEqual(new Tokenizer({ path: "x", metadata }).encode(TEXT));
    expect(tokenizer.encode(" мост").length).toBe(1);
  });

  test("a long word without a break is not quadratic", () => {
    const started = performance.now();
    expect(tokenizer.decode(tokenizer.encode("строил".repeat(5000))).length).toBe(30_000);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe("control tokens", () => {
  test("are read in template parts only", () => {
    const part = "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n";
    const ids = tokenizer.encodeControl(part);
    expect(ids.filter((id) => tokenizer.isControl(id)).length).toBe(3);
    expect(ids[0]).toBe(tokenizer.eotId);
    expect(tokenizer.decode(ids, { control: true })).toBe(part);
    expect(tokenizer.decode(ids)).toBe("user\n\n");
    expect(tokenizer.decode(tokenizer.encode(part))).toBe(part);
  });

  test("longer spellings win, and user-defined tokens are read everywhere, as llama.cpp does", () => {
    const source = { path: "x", metadata };
    const tokens = [...metadataStrings(source, "tokenizer.ggml.tokens"), "<|eot_id|>x", "<tool>"];
    const types = [...Array.from(metadataNumbers(source, "tokenizer.ggml.token_type") ?? []), 3, 4];
    const more = new Tokenizer({
      path: "x",
      metadata: new Map([
        ...metadata,
        ["tokenizer.ggml.tokens", strings(tokens)],
        ["tokenizer.ggml.token_type", i32s(types)],
      ]),
    });
    expect(more.encodeControl("<|eot_id|>x")).toEqual([tokens.length - 2]);
    expect(more.encode("a<tool>b")).toEqual([97, tokens.length - 1, 98]);
    expect(more.decode([tokens.length - 1])).toBe("<tool>");
  });
});

test("a vocabulary that makes no sense is an error with the file's name", () => {
  const broken = (...changes: [string, GgufValue | undefined][]) => {
    const copy = new Map(metadata);
    for (const [key, value] of changes)
      if (value) copy.set(key, value);
      else copy.delete(key);
    return () => new Tokenizer({ path: "broken.gguf", metadata: copy });
  };
  const cases: [() => Tokenizer, RegExp][] = [
    [broken(["tokenizer.ggml.model", string("llama")]), /only gpt2\/llama-bpe/],
    [broken(["tokenizer.ggml.pre", string("qwen2")]), /gpt2\/qwen2/],
    [broken(["tokenizer.ggml.tokens", undefined]), /tokenizer.ggml.tokens should be a list of strings/],
    [broken(["tokenizer.ggml.tokens", strings(["a"])]), /1 tokens have \d+ types/],
    [broken(["tokenizer.ggml.merges", strings(["nothing here"])]), /merge 0 needs tokens/],
    [broken(["tokenizer.ggml.merges", strings(["a"])]), /merge 0 needs tokens/],
    // A merge whose result is a control token would let text become one.
    [broken(["tokenizer.ggml.merges", strings(["<|eot_id| >"])]), /merge 0 needs tokens/],
    [broken(["tokenizer.ggml.eos_token_id", u32(1e6)]), /its eos token is 1000000/],
    [broken(["tokenizer.ggml.bos_token_id", undefined]), /bos_token_id should be a number/],
  ];
  for (const [make, reason] of cases) {
    expect(make).toThrow(reason);
    expect(make).toThrow(InputError);
    expect(make).toThrow(/^broken.gguf: /);
  }
  expect(() => tokenizer.tokenBytes(1e6)).toThrow(/there is no token 1000000/);
  expect(() => tokenizer.decode([-1])).toThrow(InputError);
});
