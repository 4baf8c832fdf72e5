/**
 * A model's chat template -> a function from prompts to segments that end where the model's turn begins, or as they are.
 *
 * llama.cpp reads user-defined tokens in any text, also with control tokens off. Where a file marks the tokens of
 * its template so, contents get their spellings broken. A template that writes roles in plain words ("### User:")
 * can be forged by anybody: no spelling tells it from text.
 */
import { InputError } from "../../errors.ts";
import type { Prompt } from "../../spec/language-model.ts";
import type { Segment } from "../../spec/message.ts";
import { renderChat } from "../../tokenizer/chat-template.ts";
import { breakSpellings } from "../word-joiner.ts";
import type { ModelHeader } from "./model-header.ts";

type TemplateFacts = Pick<
  ModelHeader,
  "path" | "chatTemplate" | "bosToken" | "eosToken" | "tokens" | "tokenTypes"
>;

const USER_DEFINED = 4;

export function promptRenderer(facts: TemplateFacts, { addGenerationPrompt = true } = {}) {
  const spellings = templateTokensReadAnywhere(facts);
  const render = templateRenderer(facts, addGenerationPrompt);
  return (prompt: Prompt): readonly Segment[] => {
    const segments = render(prompt);
    if (spellings.length === 0) return segments;
    return segments.map(({ kind, text }) =>
      kind === "text" ? { kind, text: breakSpellings(text, spellings) } : { kind, text },
    );
  };
}

function templateTokensReadAnywhere({
  tokens,
  tokenTypes,
  chatTemplate = "",
  bosToken,
  eosToken,
}: TemplateFacts) {
  return tokens.filter(
    (token, id) =>
      tokenTypes[id] === USER_DEFINED &&
      (token === bosToken || token === eosToken || chatTemplate.includes(token)),
  );
}

function templateRenderer(
  { path, chatTemplate, bosToken, eosToken }: TemplateFacts,
  addGenerationPrompt: boolean,
) {
  return (prompt: Prompt): readonly Segment[] => {
    if ("segments" in prompt) return prompt.segments;
    if (chatTemplate === undefined)
      throw new InputError(
        `${path} has no chat template: use a chat model, or give the prompt already rendered`,
      );
    return renderChat(chatTemplate, prompt.messages, {
      addGenerationPrompt,
      ...(bosToken === undefined ? {} : { bosToken }),
      ...(eosToken === undefined ? {} : { eosToken }),
    });
  };
}
