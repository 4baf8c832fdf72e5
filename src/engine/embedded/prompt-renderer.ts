/** A model's chat template -> a function from prompts to segments that end where the model's turn begins. */
import { InputError } from "../../errors.ts";
import type { Prompt } from "../../spec/language-model.ts";
import type { Segment } from "../../spec/message.ts";
import { renderChat } from "../../tokenizer/chat-template.ts";
import type { ModelHeader } from "./model-header.ts";

type TemplateFacts = Pick<ModelHeader, "path" | "chatTemplate" | "bosToken" | "eosToken">;

export function promptRenderer({ path, chatTemplate, bosToken, eosToken }: TemplateFacts) {
  return (prompt: Prompt): readonly Segment[] => {
    if ("segments" in prompt) return prompt.segments;
    if (chatTemplate === undefined)
      throw new InputError(
        `${path} has no chat template: use a chat model, or give the prompt already rendered`,
      );
    return renderChat(chatTemplate, prompt.messages, {
      ...(bosToken === undefined ? {} : { bosToken }),
      ...(eosToken === undefined ? {} : { eosToken }),
    });
  };
}
