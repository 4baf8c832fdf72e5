/** A question over a collection in, its answer out: printed as it comes, where there is somewhere to print, and whole. */
import type { CorpusAnswer, CorpusOptions } from "../../rag/answer.ts";
import type { Corpus } from "../../rag/corpora.ts";
import type { CitationSource } from "../../spec/document.ts";
import type { GroundedAnswerer } from "../../spec/grounding.ts";
import type { Message } from "../../spec/message.ts";
import { AnswerPrinter, type Output } from "../answer-printer.ts";

/** `dialogue` ends with the question. */
export async function runCorpusAnswer(
  { index, embedding }: Pick<Corpus, "index" | "embedding">,
  answerer: GroundedAnswerer,
  dialogue: readonly Message[],
  options: CorpusOptions,
  output?: Output,
): Promise<CorpusAnswer> {
  const { answerFromCorpus, referenceOf } = await import("../../rag/answer.ts");
  let printer: AnswerPrinter | undefined;
  for await (const event of answerFromCorpus(index, answerer, dialogue, {
    ...options,
    ...(embedding && { embedding }),
  }))
    if (event.type === "hits") {
      const placeOf = (source: CitationSource) => {
        const { source: name, ...place } = referenceOf(source, event.hits);
        return { name, ...place };
      };
      printer = output && new AnswerPrinter(output, dialogue.at(-1)!.content, event.documents, placeOf);
    } else if (event.type === "relevant") printer?.relevant(event.relevantDocIds, event.relevance);
    else if (event.type === "text") printer?.text(event.text);
    else {
      printer?.sources(event.answer);
      return event.answer;
    }
  throw new Error("the answer has no end");
}
