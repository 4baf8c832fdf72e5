/** A model's chat template -> a function from prompts to segments, as the TokenEngine's tokenizer takes them. */
import { InputError } from "../../errors.ts";
import type { Prompt } from "../../spec/language-model.ts";
import type { Segment } from "../../spec/message.ts";
import type { ModelHeader } from "./model-header.ts";

type TemplateFacts = Pick<ModelHeader, "path" | "chatTemplate" | "bosToken" | "eosToken">;

export function promptRenderer({ path, chatTemplate }: TemplateFacts) {
  return (prompt: Prompt): readonly Segment[] => {
    if ("segments" in prompt) return prompt.segments;
    if (chatTemplate === undefined)
      throw new InputError(
        `${path} has no chat template: use a chat model, or give the prompt already rendered`,
      );
    return [];
  };
}
