/** A question over a collection of this machine in, its answer as events out. */
import { SHIPPED_MODELS } from "../../engine/registry/registry.ts";
import type { ChunkFilter } from "../../index/chunk-index.ts";
import { answerFromCorpus } from "../../rag/answer.ts";
import { answererOf } from "../../rag/answerer-of.ts";
import type { Corpora } from "../../rag/corpora.ts";
import type { GenerateOptions, LanguageModel } from "../../spec/language-model.ts";
import type { Message } from "../../spec/message.ts";
import { type ChoiceEvent, endOf } from "./choice.ts";

/** Without a model, the best passages are quoted. Throws NotFoundError where the collection was never made. */
export async function* collectionChoice(
  corpora: Corpora,
  { name, filter }: { name: string; filter: ChunkFilter | undefined },
  model: LanguageModel | undefined,
  dialogue: readonly Message[],
  options: GenerateOptions,
): AsyncGenerator<ChoiceEvent> {
  const { index, embedding, close } = await corpora.get(name);
  try {
    const answerer = await answererOf(model, "answerWithPassages");
    const events = answerFromCorpus(index, answerer, dialogue, {
      ...options,
      ...rewriterOf(model),
      ...(filter && { filter }),
      ...(embedding && { embedding }),
    });
    for await (const event of events)
      if (event.type === "text") yield { ...event, tokens: [] };
      else if (event.type === "done") yield endOf(event.answer);
      else yield event;
  } finally {
    await close();
  }
}

/** Makes a follow-up question self-contained. The small models that ship can answer, and cannot do that. */
function rewriterOf(model: LanguageModel | undefined): { rewriter?: LanguageModel } {
  return model && SHIPPED_MODELS.every(({ name }) => name !== model.name) ? { rewriter: model } : {};
}
