/** A conversation over a collection: each question is answered from it, and read in the light of those before it. */
import type { CorpusOptions } from "../../rag/answer.ts";
import type { Corpus } from "../../rag/corpora.ts";
import type { GroundedAnswerer } from "../../spec/grounding.ts";
import type { Message } from "../../spec/message.ts";
import type { Output } from "../answer-printer.ts";
import type { Reply } from "../conversation.ts";
import { runCorpusAnswer } from "./run-corpus-answer.ts";

/** Messages that a question is read with; what was said before is forgotten. */
const MAX_HISTORY = 6;

export class CorpusConversation {
  readonly #corpus: Corpus;
  readonly #answerer: GroundedAnswerer;
  #history: Message[] = [];

  constructor(corpus: Corpus, answerer: GroundedAnswerer) {
    this.#corpus = corpus;
    this.#answerer = answerer;
  }

  /** Prints the answer with its sources. A question that failed is not remembered. */
  async say(content: string, options: CorpusOptions, output: Output): Promise<Reply> {
    const asked: Message = { role: "user", content };
    const dialogue = [...this.#history, asked];
    const { answer, finishReason } = await runCorpusAnswer(
      this.#corpus,
      this.#answerer,
      dialogue,
      options,
      output,
    );
    if (answer !== "")
      this.#history = [...dialogue, { role: "assistant", content: answer }].slice(-MAX_HISTORY);
    return { finishReason, forgotten: 0 };
  }
}
