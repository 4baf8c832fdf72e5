/**
 * A question, or a dialogue that ends with one, checked: user and assistant messages only, because the system prompt
 * and the documents are the protocol's own.
 */
import { InputError } from "../errors.ts";
import type { Message } from "../spec/message.ts";

export function toDialogue(question: string | readonly Message[]): readonly Message[] {
  const dialogue = typeof question === "string" ? [{ role: "user", content: question }] : question;
  const strange = dialogue.findIndex(({ role }) => role !== "user" && role !== "assistant");
  if (strange >= 0)
    throw new InputError(
      `messages[${strange}] has the role ${JSON.stringify(dialogue[strange]!.role.slice(0, 40))}: a grounded dialogue holds user and assistant messages, and its system prompt is fixed`,
    );
  const last = dialogue.at(-1);
  if (last?.role !== "user")
    throw new InputError("the dialogue does not end with a question: its last message must be the user's");
  if (last.content.trim() === "") throw new InputError("the question is empty: ask something");
  return dialogue;
}
