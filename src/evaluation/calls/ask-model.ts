/** One whole completion of a prompt, as a call brings it. */
import type { GenerateOptions, LanguageModel } from "../../spec/language-model.ts";
import type { Message } from "../../spec/message.ts";
import type { Answered } from "./calls.ts";

export interface Completion {
  text: string;
  /** The model did not end by itself within `maxTokens`. */
  isCut: boolean;
}

export async function askModel(
  model: LanguageModel,
  messages: readonly Message[],
  options: GenerateOptions,
): Promise<Answered<Completion>> {
  let text = "";
  let [isCut, tokens] = [false, 0];
  for await (const chunk of model.generate({ messages }, options)) {
    text += chunk.text;
    if (chunk.finishReason) isCut = chunk.finishReason === "length";
    if (chunk.usage) tokens = chunk.usage.promptTokens + chunk.usage.completionTokens;
  }
  return { value: { text, isCut }, tokens };
}

/** Of a text in any vocabulary, for plans: Russian takes a token for 2 to 4 characters, English for about 4. */
export const roughTokens = (text: string) => Math.ceil(text.length / 2.5);
