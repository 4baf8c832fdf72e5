import fc from "fast-check";
import { expect, test } from "vitest";
import type { Prompt } from "../../spec/language-model.ts";
import type { Message } from "../../spec/message.ts";
import { answerPrefixes, PrefixMemory, prefixesOf } from "./prefix-memory.ts";

const text = fc.string({ minLength: 1, maxLength: 900, unit: "binary" });
const turns = fc.array(text, { minLength: 1, maxLength: 5 });
const toMessages = (contents: readonly string[]): Message[] =>
  contents.map((content, i) => ({ role: i % 2 === 0 ? "user" : "assistant", content }));
const toSegments = (contents: readonly string[]): Prompt => ({
  segments: contents.flatMap((content) => [
    { kind: "control" as const, text: "<|start|>" },
    { kind: "text" as const, text: content },
  ]),
});

/** A memory in which `holder` has answered the prompt. */
function after(prompt: Prompt, answer: string, memory = new PrefixMemory<string>(), holder = "a") {
  const prefixes = prefixesOf(prompt);
  memory.remember(prefixes, holder);
  memory.remember(answerPrefixes(prompt, prefixes, answer), holder);
  return memory;
}

test("a conversation that goes on is known by its beginning, the answer included", () => {
  fc.assert(
    fc.property(turns, text, text, (before, answer, question) => {
      const asked = { messages: [{ role: "system", content: "Answer." }, ...toMessages(before)] };
      const memory = after(asked, answer);
      const next = { role: "user", content: question };
      const continued = { messages: [...asked.messages, { role: "assistant", content: answer }, next] };
      const isNewMost = `user\n${question}`.length * 2 > prefixesOf(continued).at(-1)!.length;
      expect([...memory.holders(prefixesOf(continued))]).toEqual(isNewMost ? [] : ["a"]);
      // The same in a rendered prompt.
      const rendered = after(toSegments(before), answer);
      const more = toSegments(before) as { segments: { kind: "control" | "text"; text: string }[] };
      const longer = { segments: [...more.segments, { kind: "text" as const, text: answer }] };
      expect([...rendered.holders(prefixesOf(longer))]).toEqual(["a"]);
    }),
  );
});

test("one text that grows is known too, in pieces", () => {
  const one = (content: string): Prompt => ({ segments: [{ kind: "text", text: content }] });
  const memory = after(one("x".repeat(5000)), "");
  expect([...memory.holders(prefixesOf(one("x".repeat(7000))))]).toEqual(["a"]);
  expect([...memory.holders(prefixesOf(one("x".repeat(11_000))))]).toEqual([]);
});

test("what begins otherwise is not known, however alike the rest", () => {
  fc.assert(
    fc.property(turns, (contents) => {
      const memory = after({ messages: toMessages(contents) }, "yes");
      const other = toMessages([`!${contents[0]}`, ...contents.slice(1)]);
      expect(memory.holders(prefixesOf({ messages: other })).size).toBe(0);
    }),
  );
});

test("a system prompt that all have in common gathers nobody", () => {
  const system = { role: "system", content: "s".repeat(600) };
  const ask = (content: string) => ({ messages: [system, { role: "documents", content }] });
  const memory = after(ask("d".repeat(2000)), "yes");
  expect(memory.holders(prefixesOf(ask("e".repeat(2000)))).size).toBe(0);
  expect([...memory.holders(prefixesOf(ask("d".repeat(2000))))]).toEqual(["a"]);
});

test("all who have the longest beginning are named, and nobody who has a shorter one only", () => {
  const short = { messages: toMessages(["q".repeat(300)]) };
  const long = { messages: toMessages(["q".repeat(300), "r".repeat(300), "t"]) };
  const memory = after(short, "no");
  after(long, "", memory, "b");
  after(long, "", memory, "c");
  expect([...memory.holders(prefixesOf(long))].sort()).toEqual(["b", "c"]);
  expect([...memory.holders(prefixesOf(short))].sort()).toEqual(["a", "b", "c"]);
});

test("remembers so much and no more, what was used last", () => {
  const memory = new PrefixMemory<string>(50);
  const first = { messages: toMessages(["first"]) };
  after(first, "", memory);
  for (let i = 0; i < 200; i++) {
    after({ messages: toMessages([`${i}`.repeat(300)]) }, "", memory);
    memory.remember(prefixesOf(first), "a");
    expect(memory.size).toBeLessThanOrEqual(50);
  }
  expect(memory.holders(prefixesOf(first)).size).toBe(1);
  expect(memory.holders(prefixesOf({ messages: toMessages(["0".repeat(300)]) })).size).toBe(0);
});
