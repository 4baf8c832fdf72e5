import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_CHAT_TEMPLATE } from "../tokenizer/chat-template.ts";
import { Tokenizer } from "../tokenizer/tokenizer.ts";
import { trainBpe } from "../tokenizer/train-bpe.ts";
import { tokenizerToGgufMetadata } from "../tokenizer/vocabulary.ts";
import { auxiliaryLoss } from "./auxiliary.ts";
import { rowPacker } from "./pack.ts";
import { sft } from "./sft.ts";

const vocabulary = trainBpe(["Сколько ног у паука? У паука восемь ног. How many legs? Eight legs."], {
  vocabSize: 300,
});
const tokenizer = new Tokenizer({ path: "test", metadata: tokenizerToGgufMetadata(vocabulary) });
const method = sft({ tokenizer, chatTemplate: DEFAULT_CHAT_TEMPLATE, auxiliary: true });

describe("a target", () => {
  const piece = fc.constantFrom(" ", "\n", "legs", "паука", "ё", "👍", "\u0301", "<|eot_id|>", "x");
  const content = fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => pieces.join(""));

  test("is the tokens that overlap its characters, and they weigh 1 together", () => {
    fc.assert(
      fc.property(content, fc.nat(99), fc.nat(99), (text, a, b) => {
        const start = a % text.length;
        const end = start + 1 + (b % (text.length - start));
        const messages = [
          { role: "user", content: text },
          { role: "assistant", content: text },
        ];
        const target = { message: 0, start, end, label: "паук" };
        const [{ ids, auxiliary }] = method.encode([{ messages, targets: [target] }]) as [
          ReturnType<typeof method.encode>[0],
        ];
        const marked = [...ids.keys()].filter((i) => auxiliary!.weights[i]! > 0);
        // A half of a character that takes two.
        if (/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/.test(text.slice(start, end))) return;
        const inside = text.slice(start, end).trim();
        if (inside === "") return;
        const total = marked.reduce((sum, i) => sum + auxiliary!.weights[i]!, 0);
        expect(total).toBeCloseTo(1);
        // One run of tokens of the first message, which holds the characters, and none that could be left out.
        expect(marked.at(-1)! - marked[0]!).toBe(marked.length - 1);
        const bytes = (tokens: number[]) => Buffer.concat(tokens.map((i) => tokenizer.tokenBytes(ids[i]!)));
        const wanted = Buffer.from(inside);
        expect(bytes(marked).includes(wanted)).toBe(true);
        if (marked.length > 2)
          expect(bytes(marked.slice(1, -1)).length).toBeLessThan(Buffer.byteLength(text.slice(start, end)));
        expect(marked.at(-1)!).toBeLessThan(ids.length / 2 + 8);
      }),
    );
  });

  test("has its spelling as its class where one token spells it, and no control token where none does", () => {
    const classOf = (label: string) => {
      const messages = [{ role: "assistant", content: "legs" }];
      const targets = [{ message: 0, start: 0, end: 4, label }];
      const { auxiliary } = method.encode([{ messages, targets }])[0]!;
      return auxiliary!.labels[auxiliary!.weights.findIndex((w) => w > 0)]!;
    };
    expect(tokenizer.decode([classOf("3")])).toBe("3");
    expect(classOf("дата основания")).toBe(classOf("дата основания"));
    const many = Array.from({ length: 40 }, (_, i) => classOf(`attribute ${i}`));
    expect(many.some((id) => tokenizer.isControl(id))).toBe(false);
    expect(new Set(many).size).toBeGreaterThan(30);
  });
});

test("the loss is the mean over the targets of a step, its gradient the slope of it", () => {
  const row = (text: string) => ({
    messages: [
      { role: "user", content: text },
      { role: "assistant", content: "ног" },
    ],
    targets: [{ message: 0, start: 0, end: text.length, label: "7" }],
  });
  const encoded = ["У паука восемь ног.", "legs"].map((text) => method.encode([row(text)]));
  const source = { length: 2, total: 2, cluster: (n: number) => encoded[n]! };
  const { rows } = rowPacker(source, { rowCount: 2, length: 48 })();
  const logprobs = Float32Array.from({ length: 96 }, (_, i) => -(i % 5) / 4 - 0.1);
  const { loss, gradient, metrics } = auxiliaryLoss(logprobs, rows, rows, 0.5);
  expect(loss).toBeCloseTo(metrics.auxiliary_loss! / 2);
  expect(gradient.reduce((sum, g) => sum + g, 0)).toBeCloseTo(-0.5);
  expect(gradient.reduce((sum, g, i) => sum + g * logprobs[i]!, 0)).toBeCloseTo(loss);
  const parts = rows.map((one, i) => auxiliaryLoss(logprobs.slice(48 * i, 48 * i + 48), [one], rows, 0.5));
  expect(parts[0]!.loss + parts[1]!.loss).toBeCloseTo(loss);
  expect(parts.flatMap((part) => [...part.gradient])).toEqual([...gradient]);
  const none = rows.map((one) => ({
    ...one,
    auxiliary: { ...one.auxiliary, weights: new Float32Array(48) },
  }));
  expect(auxiliaryLoss(logprobs, none, none, 0.5).loss).toBe(0);
});
