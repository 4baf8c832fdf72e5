/**
 * One answer as a stream of events, wherever it comes from: a model alone, or the two steps over documents (over a
 * collection: collection-choice.ts); and several answers to one request, in one stream.
 */
import { AsyncQueue } from "../../engine/async-queue.ts";
import { LinkedAbort } from "../../engine/linked-abort.ts";
import type { CorpusAnswer } from "../../rag/answer.ts";
import type { Hit } from "../../retrieval/search.ts";
import type { GroundingDocument } from "../../spec/document.ts";
import type { GroundedAnswer, GroundedAnswerer, GroundedOptions } from "../../spec/grounding.ts";
import type {
  Alternative,
  FinishReason,
  GeneratedToken,
  GenerateOptions,
  LanguageModel,
  Prompt,
  Usage,
} from "../../spec/language-model.ts";
import type { Message } from "../../spec/message.ts";

export type ChoiceEvent =
  /** Of a collection, before all else. */
  | { type: "hits"; query: string; hits: readonly Hit[] }
  /** Of documents. */
  | { type: "relevant"; relevantDocIds: readonly number[]; relevance: ReadonlyMap<number, number> }
  | { type: "text"; text: string; tokens: readonly GeneratedToken[] }
  | ChoiceEnd;

export interface ChoiceEnd {
  type: "end";
  finishReason: FinishReason;
  usage: Usage;
  /** Of a beam search without documents. */
  alternatives?: readonly Alternative[];
  /** Of documents, or of a collection. */
  answer?: GroundedAnswer | CorpusAnswer;
}

export async function* freeChoice(
  model: LanguageModel,
  prompt: Prompt,
  options: GenerateOptions,
): AsyncGenerator<ChoiceEvent> {
  for await (const { text, tokens, finishReason, usage, alternatives } of model.generate(prompt, options)) {
    if (text !== "" || tokens.length > 0) yield { type: "text", text, tokens };
    if (finishReason && usage)
      yield { type: "end", finishReason, usage, ...(alternatives && { alternatives }) };
  }
}

export async function* documentsChoice(
  answerer: GroundedAnswerer,
  dialogue: readonly Message[],
  documents: readonly GroundingDocument[],
  options: GroundedOptions,
): AsyncGenerator<ChoiceEvent> {
  for await (const event of answerer(dialogue, documents, options))
    if (event.type === "text") yield { ...event, tokens: [] };
    else if (event.type === "done") yield endOf(event.answer);
    else yield event;
}

export function endOf(answer: GroundedAnswer): ChoiceEnd {
  const { finishReason, usage } = answer;
  return { type: "end", finishReason, usage, answer };
}

/** All at the same time; the first fault ends all, and so does who stops reading. */
export async function* together<Event>(
  starts: readonly ((signal: AbortSignal) => AsyncIterable<Event>)[],
  signal: AbortSignal,
): AsyncGenerator<{ index: number; event: Event }> {
  const [only] = starts;
  if (starts.length === 1) {
    for await (const event of only!(signal)) yield { index: 0, event };
    return;
  }
  const stop = new LinkedAbort(signal);
  const queue = new AsyncQueue<{ index: number; event: Event }>();
  const running = starts.map(async (start, index) => {
    for await (const event of start(stop.signal)) queue.push({ index, event });
  });
  void Promise.all(running).then(
    () => queue.close(),
    (error) => queue.fail(error),
  );
  try {
    yield* queue;
  } finally {
    stop.end();
    await Promise.allSettled(running);
  }
}
