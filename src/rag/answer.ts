/**
 * A question over a corpus in, a grounded answer out: the question is made self-contained, searched for, the hits are
 * handed to whoever answers (a model by the two-step protocol, or quotes), and every citation is led back to its file,
 * page and characters. The one place where retrieval and grounding meet.
 */
import { refusal } from "../grounding/refusal.ts";
import { toDialogue } from "../grounding/to-dialogue.ts";
import type { ChunkFilter, ChunkIndex } from "../index/chunk-index.ts";
import { type Hit, search } from "../retrieval/search.ts";
import type { CitationSource, GroundingDocument, Span } from "../spec/document.ts";
import type { EmbeddingModel } from "../spec/embedding-model.ts";
import type { GroundedAnswer, GroundedAnswerer, GroundedEvent, GroundedOptions } from "../spec/grounding.ts";
import type { LanguageModel } from "../spec/language-model.ts";
import type { Message } from "../spec/message.ts";
import { standaloneQuestion } from "./standalone-question.ts";

export interface CorpusOptions extends GroundedOptions {
  filter?: ChunkFilter;
  /** Of the index's vectors. Default: words alone. */
  embedding?: EmbeddingModel;
  /** Rewrites follow-up questions. Default: none. */
  rewriter?: LanguageModel;
}

/** Where a citation leads: characters of the source's text, and its page where it has pages. */
export interface Reference extends Span {
  source: string;
  page?: number;
}

export interface CorpusAnswer extends GroundedAnswer {
  /** `nothing-found`: search had no hits; `nothing-relevant`: they were read, and none answers. */
  outcome: "answered" | "nothing-found" | "nothing-relevant";
  /** What was searched for. */
  query: string;
  /** By document id. */
  hits: Hit[];
}

export type CorpusEvent =
  | { type: "hits"; query: string; hits: Hit[]; documents: GroundingDocument[] }
  | Exclude<GroundedEvent, { type: "done" }>
  | { type: "done"; answer: CorpusAnswer };

/** Handed to the first step: four prompts' worth. */
const CANDIDATES = 24;

export async function* answerFromCorpus(
  index: ChunkIndex,
  answerer: GroundedAnswerer,
  question: string | readonly Message[],
  options: CorpusOptions = {},
): AsyncGenerator<CorpusEvent, void, undefined> {
  const { filter, embedding, rewriter, ...grounded } = options;
  const { signal } = grounded;
  const dialogue = toDialogue(question);
  const query = await standaloneQuestion(dialogue, { model: rewriter, signal });
  const hits = await search(index, query, {
    topK: CANDIDATES,
    ...(filter && { filter }),
    ...(embedding && { embedding }),
    ...(signal && { signal }),
  });
  const documents = hits.map(({ chunk: { source, title, text } }, docId) => ({
    docId,
    title,
    content: text,
    source,
  }));
  yield { type: "hits", query, hits, documents };
  if (hits.length === 0) {
    const answer = refused(dialogue.at(-1)!.content);
    yield { type: "relevant", relevantDocIds: [], relevance: new Map() };
    yield { type: "text", text: answer.answer };
    yield { type: "done", answer: { ...answer, outcome: "nothing-found", query, hits } };
    return;
  }
  for await (const event of answerer(dialogue, documents, grounded))
    if (event.type !== "done") yield event;
    else {
      const { answer } = event;
      const outcome = answer.relevantDocIds.length > 0 ? "answered" : "nothing-relevant";
      yield { type: "done", answer: { ...answer, outcome, query, hits } };
    }
}

/** The place in its file that a citation means. */
export function referenceOf({ docId, start, end }: CitationSource, hits: readonly Hit[]): Reference {
  const { chunk } = hits[docId]!;
  const { source, page } = chunk;
  const place = { source, start: chunk.start + start, end: chunk.start + end };
  return page === undefined ? place : { ...place, page };
}

function refused(question: string): GroundedAnswer {
  return {
    relevantDocIds: [],
    relevance: new Map(),
    answer: refusal(question),
    citations: [],
    finishReason: "stop",
    usage: { promptTokens: 0, completionTokens: 0, reusedTokens: 0 },
  };
}
