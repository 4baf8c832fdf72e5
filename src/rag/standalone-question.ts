/**
 * A conversation in, one question out that can be searched for by itself: "А когда?" names nobody. A model that can
 * rewrite does so; else a question before it lends its words.
 */
import { withBorrowedWords } from "../grounding/with-borrowed-words.ts";
import type { LanguageModel } from "../spec/language-model.ts";
import type { Message } from "../spec/message.ts";

const REWRITE_PROMPT =
  "Rewrite the user's last message as one question that can be understood without the conversation. Keep its language. Write the question only.";

/** Earlier messages that a rewrite sees, and characters of each. */
const MAX_MESSAGES = 6;
const MAX_CHARACTERS = 1000;
const MAX_TOKENS = 128;

/** A question with at least this many telling words can mostly stand alone. */
const ENOUGH_TERMS = 3;

export interface StandaloneOptions {
  /** Rewrites. Default: none, and words are lent. */
  model?: LanguageModel | undefined;
  signal?: AbortSignal | undefined;
}

/** `dialogue` ends with the user's message. One message is its own question. */
export async function standaloneQuestion(
  dialogue: readonly Message[],
  { model, signal }: StandaloneOptions = {},
): Promise<string> {
  const question = dialogue.at(-1)!.content;
  if (dialogue.length === 1) return question;
  const rewritten = model ? await rewrite(model, dialogue, signal) : "";
  return rewritten || withBorrowedWords(dialogue, ENOUGH_TERMS);
}

async function rewrite(
  model: LanguageModel,
  dialogue: readonly Message[],
  signal?: AbortSignal,
): Promise<string> {
  const recent = dialogue
    .slice(-MAX_MESSAGES)
    .map(({ role, content }) => `${role}: ${content.slice(0, MAX_CHARACTERS)}`);
  const messages = [
    { role: "system", content: REWRITE_PROMPT },
    { role: "user", content: recent.join("\n\n") },
  ];
  let text = "";
  const options = { temperature: 0, maxTokens: MAX_TOKENS, ...(signal && { signal }) };
  for await (const piece of model.generate({ messages }, options)) text += piece.text;
  return text.trim().split("\n")[0]!;
}
