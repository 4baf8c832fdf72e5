/** A conversation at a terminal: what Ctrl-C stops, and what it does not. */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { fakeLanguageModel } from "../testing/fake-language-model.ts";
import { converse, sayFreely } from "./chat.ts";
import { Conversation } from "./conversation.ts";

function terminal(replies: string[]) {
  const input = new PassThrough();
  const shown = new PassThrough();
  const lines = createInterface({ input, output: new PassThrough(), terminal: true, prompt: "> " });
  let text = "";
  const output = {
    write(piece: string) {
      text += piece;
      shown.write(piece);
    },
  };
  const conversation = new Conversation(fakeLanguageModel({ replies }));
  const ended = converse(sayFreely(conversation), lines, { output, isTerminal: true, sampling: {} });
  const until = async (wanted: string) => {
    while (!text.includes(wanted)) await once(shown, "data");
  };
  return { input, lines, ended, until, text: () => text, conversation };
}

test("Ctrl-C stops the answer, not the program; twice at the prompt it ends", async () => {
  const { input, lines, ended, until, conversation } = terminal(["one two three four", "five"]);
  const stop = (async () => {
    await until("one");
    lines.emit("SIGINT");
  })();
  input.write("first\n");
  await stop;
  await until("(stopped)");
  input.write("second\n");
  await until("five");
  await new Promise((resolve) => setImmediate(resolve));
  expect(conversation.messages.map(({ content }) => content).slice(2)).toEqual(["second", "five"]);
  lines.emit("SIGINT");
  await until("Ctrl-C again");
  lines.emit("SIGINT");
  expect(await ended).toBe(130);
});

test("the end of the input ends it, also during an answer", async () => {
  const { input, ended, until, text } = terminal(["one two three"]);
  input.write("first\n");
  input.end();
  await until("three");
  expect(await ended).toBe(0);
  expect(text()).toContain("one two three");
});
