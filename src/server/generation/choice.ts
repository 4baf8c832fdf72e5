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
  /** Of a beam search: all that it found, best first. */
  alternatives?: readonly Alternative[] | undefined;
  /** Of documents, or of a collection. */
  answer?: GroundedAnswer | CorpusAnswer;
}

export async function* freeChoice(
  model: LanguageModel,
  prompt: Prompt,
  options: GenerateOptions,
): AsyncGenerator<ChoiceEvent> {
  for await (const chunk of model.generate(prompt, options)) {
    const { text, tokens, finishReason, usage, alternatives } = chunk;
    if (text !== "" || tokens.length > 0) yield { type: "text", text, tokens };
    if (finishReason && usage) yield { type: "end", finishReason, usage, alternatives };
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

/** Begins an answer, which ends with the signal. */
export type Start = (signal: AbortSignal) => AsyncIterable<ChoiceEvent>;

/** An event of one of several answers. */
export interface IndexedEvent {
  index: number;
  event: ChoiceEvent;
}

/** All at the same time; the first fault ends all, and so does who stops reading. */
export async function* together(
  starts: readonly Start[],
  signal: AbortSignal,
): AsyncGenerator<IndexedEvent, void, undefined> {
  const [only] = starts;
  if (starts.length === 1) {
    for await (const event of only!(signal)) yield { index: 0, event };
    return;
  }
  const stop = new LinkedAbort(signal);
  const queue = new AsyncQueue<IndexedEvent>();
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

/** An answer that is there. */
export interface Gathered {
  index: number;
  text: string;
  tokens: GeneratedToken[];
  /** All but the text, in their order. */
  events: Exclude<ChoiceEvent, { type: "text" }>[];
  end: ChoiceEnd;
}

/** Without those that did not come: a beam search may find fewer texts than are wanted. */
export async function gather(starts: readonly Start[], signal: AbortSignal): Promise<Gathered[]> {
  const answers = starts.map(() => ({
    text: "",
    tokens: [] as GeneratedToken[],
    events: [] as Gathered["events"],
  }));
  for await (const { index, event } of together(starts, signal)) {
    const answer = answers[index]!;
    if (event.type !== "text") answer.events.push(event);
    else {
      answer.text += event.text;
      answer.tokens.push(...event.tokens);
    }
  }
  return answers.flatMap((answer, index) => {
    const end = answer.events.at(-1);
    return end?.type === "end" ? [{ ...answer, index, end }] : [];
  });
}
