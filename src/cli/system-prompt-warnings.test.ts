/** Which system prompts are warned about. */
import { expect, test } from "vitest";
import { systemPromptWarnings } from "./system-prompt-warnings.ts";

const kinds = (prompt: string) =>
  systemPromptWarnings(prompt).map((line) => (line.includes("persona") ? "persona" : "language"));

test.each([
  "Answer only in JSON format.",
  "Answer briefly.",
  "You are a helpful assistant. Keep answers short.",
  "You are concise and precise; cite the source.",
  "Use formal Russian in your answers.",
  "",
])("no warning: %s", (prompt) => expect(kinds(prompt)).toEqual([]));

test.each([
  "Отвечай кратко и по делу.",
  "Antworte immer kurz und sachlich bitte.",
  "Reply as 文豪が書くように",
])("not English: %s", (prompt) => expect(kinds(prompt)).toContain("language"));

test.each([
  "You are a pirate.",
  "You are Napoleon.",
  "Pretend that it is 1812.",
  "Act as a lawyer.",
  "Your name is Max.",
])("a persona: %s", (prompt) => expect(kinds(prompt)).toEqual(["persona"]));

test("both", () => expect(kinds("Ты — капитан корабля.")).toEqual(["language", "persona"]));
