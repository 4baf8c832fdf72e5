/** A conversation in memory over a LanguageModel: each message gets its answer, and what no longer fits is forgotten. */
import { ContextOverflowError } from "../errors.ts";
import type { FinishReason, GenerateOptions, LanguageModel } from "../spec/language-model.ts";
import type { Message } from "../spec/message.ts";

export interface Reply {
  finishReason: FinishReason;
  /** Oldest pairs of messages that were dropped for this one to fit. */
  forgotten: number;
}

export class Conversation {
  readonly #model: LanguageModel;
  readonly #system: readonly Message[];
  #history: Message[] = [];
  /** The last answer was cut because the context was full. */
  #full = false;

  constructor(model: LanguageModel, system?: string) {
    this.#model = model;
    this.#system = system ? [{ role: "system", content: system }] : [];
  }

  get messages(): readonly Message[] {
    return [...this.#system, ...this.#history];
  }

  /** Streams the answer to `onText`. What was said before an abort stays; a message that failed does not. */
  async say(content: string, options: GenerateOptions, onText: (text: string) => void): Promise<Reply> {
    const asked: Message = { role: "user", content };
    let forgotten = this.#full ? this.#forgetOldest() : 0;
    for (;;)
      try {
        let answer = "";
        let finishReason: FinishReason = "stop";
        const messages = [...this.messages, asked];
        for await (const chunk of this.#model.generate({ messages }, options)) {
          answer += chunk.text;
          finishReason = chunk.finishReason ?? finishReason;
          if (chunk.text !== "") onText(chunk.text);
        }
        if (answer !== "") this.#history.push(asked, { role: "assistant", content: answer });
        this.#full = finishReason === "length" && options.maxTokens === undefined;
        return { finishReason, forgotten };
      } catch (error) {
        // Thrown before anything is said.
        if (!(error instanceof ContextOverflowError) || this.#history.length === 0) throw error;
        forgotten += this.#forgetOldest();
      }
  }

  /** Drops the oldest message with its answer; how many pairs that were. */
  #forgetOldest(): number {
    const pairs = this.#history.length > 0 ? 1 : 0;
    this.#history = this.#history.slice(2);
    return pairs;
  }
}
