/** What a conversation remembers. */
import { expect, test } from "vitest";
import { ContextOverflowError } from "../errors.ts";
import { fakeLanguageModel } from "../testing/fake-language-model.ts";
import { Conversation } from "./conversation.ts";

test("answers are streamed, and part of the next prompt", async () => {
  const model = fakeLanguageModel({ replies: ["one two", "three"] });
  const conversation = new Conversation(model, "Be brief.");
  const pieces: string[] = [];
  expect(await conversation.say("a", {}, (text) => pieces.push(text))).toEqual({
    finishReason: "stop",
    forgotten: 0,
  });
  await conversation.say("b", {}, () => undefined);
  expect(pieces).toEqual(["one", " two"]);
  expect(model.calls[1]!.text).toBe("Be brief.\na\none two\nb");
});

test("the oldest is forgotten where the context is full; a message that never fits leaves no trace", async () => {
  const model = fakeLanguageModel({ replies: () => "yes", contextSize: 16 });
  const conversation = new Conversation(model);
  await conversation.say("one two three", { maxTokens: 1 }, () => undefined);
  const reply = await conversation.say("four five six seven", { maxTokens: 1 }, () => undefined);
  expect(reply.forgotten).toBe(0);
  expect((await conversation.say("a b c d", { maxTokens: 1 }, () => undefined)).forgotten).toBe(1);
  const before = conversation.messages;
  await expect(conversation.say("word ".repeat(40), {}, () => undefined)).rejects.toThrow(
    ContextOverflowError,
  );
  expect(conversation.messages.length).toBeLessThanOrEqual(before.length);
  expect(JSON.stringify(conversation.messages)).not.toContain("word word");
});

test("an answer that the full context cut makes room for the next one", async () => {
  const model = fakeLanguageModel({
    replies: () => "one two three four five six seven eight",
    contextSize: 16,
  });
  const conversation = new Conversation(model);
  expect(await conversation.say("a b c d", {}, () => undefined)).toMatchObject({ forgotten: 0 });
  const cut = await conversation.say("e", {}, () => undefined);
  expect(cut.finishReason).toBe("length");
  expect((await conversation.say("f", {}, () => undefined)).forgotten).toBeGreaterThan(0);
});

test("what was said before Ctrl-C stays", async () => {
  const model = fakeLanguageModel({ replies: ["one two three"] });
  const conversation = new Conversation(model);
  const abort = new AbortController();
  const reply = await conversation.say("a", { signal: abort.signal }, () => abort.abort());
  expect(reply.finishReason).toBe("aborted");
  expect(conversation.messages).toEqual([
    { role: "user", content: "a" },
    { role: "assistant", content: "one" },
  ]);
});
