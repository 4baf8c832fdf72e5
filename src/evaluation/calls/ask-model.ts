/** One whole completion of a prompt, as a call brings it. */
import type { GenerateOptions, LanguageModel } from "../../spec/language-model.ts";
import type { Message } from "../../spec/message.ts";
import type { Answered, Call } from "./calls.ts";

export interface Completion {
  text: string;
  /** The model did not end by itself within `maxTokens`. */
  isCut: boolean;
}

/** How the completions of a run are drawn: with one of these, always in the same way. */
export interface ChatSettings {
  /** All that tells the model from others: its name, adapters, who renders its prompts. */
  model: Readonly<Record<string, string>>;
  /** Of one completion. */
  maxTokens: number;
}

/** A call that is a prompt. */
export interface ChatCall extends Call {
  messages: readonly Message[];
  options: GenerateOptions & { maxTokens: number };
}

/** Asks the model of the run. */
export type Ask = (call: ChatCall, signal: AbortSignal) => Promise<Answered<Completion>>;

/** Greedy, so that what comes depends on nothing but what is asked. */
export function chatCall(name: string, messages: readonly Message[], settings: ChatSettings): ChatCall {
  const { model, maxTokens } = settings;
  const options = { maxTokens, temperature: 0, seed: 0 };
  const tokens = roughTokens(messages.map(({ content }) => content).join("")) + maxTokens;
  return { name, input: { model, messages, ...options }, tokens, messages, options };
}

/** Some vocabularies have tokens of over a hundred spaces; none has a mean like this. */
const MOST_CHARACTERS_A_TOKEN = 64;

export async function askModel(
  model: LanguageModel,
  messages: readonly Message[],
  options: GenerateOptions,
): Promise<Answered<Completion>> {
  const most = (options.maxTokens ?? Number.POSITIVE_INFINITY) * MOST_CHARACTERS_A_TOKEN;
  let text = "";
  let [isCut, tokens] = [false, 0];
  for await (const chunk of model.generate({ messages }, options)) {
    text += chunk.text;
    if (chunk.finishReason) isCut = chunk.finishReason === "length";
    if (chunk.usage) tokens = chunk.usage.promptTokens + chunk.usage.completionTokens;
    // Threat: a server that does not heed maxTokens, and never ends.
    if (text.length > most) return { value: { text: text.slice(0, most), isCut: true }, tokens: 0 };
  }
  return { value: { text, isCut }, tokens };
}

/** Of a text in any vocabulary, for plans: Russian takes a token for 2 to 4 characters, English for about 4. */
export const roughTokens = (text: string) => Math.ceil(text.length / 2.5);
