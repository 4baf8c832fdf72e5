/** What an answer from documents says besides its text, in the ids that the client knows. */
import type { CorpusAnswer } from "../../rag/answer.ts";
import { documentId } from "../../rag/document-id.ts";
import type { Hit } from "../../retrieval/search.ts";
import type { GroundedAnswer } from "../../spec/grounding.ts";
import type { ChoiceEvent } from "../generation/choice.ts";
import type { Grounds } from "../generation/grounds.ts";
import { cohereCitations } from "./cohere-citations.ts";

export interface GroundsJson {
  relevant_doc_ids?: (number | string)[];
  /** By id. */
  relevance?: Record<string, number>;
  citations?: object[];
}

/** Nothing for an event that says nothing of documents. */
export function groundsJson(grounds: Grounds, event: ChoiceEvent): GroundsJson {
  if (grounds.kind === "none") return {};
  if (event.type === "relevant") {
    const { relevantDocIds, relevance } = event;
    if (grounds.kind === "collection")
      return { relevant_doc_ids: [...relevantDocIds], relevance: Object.fromEntries(relevance) };
    return grounds.documents.relevanceJson(relevantDocIds, relevance);
  }
  if (event.type !== "end" || !event.answer) return {};
  return { citations: citationsOf(grounds, event.answer) };
}

function citationsOf(
  grounds: Exclude<Grounds, { kind: "none" }>,
  answer: GroundedAnswer | CorpusAnswer,
): object[] {
  if (grounds.kind === "documents") return cohereCitations(answer, grounds.documents);
  return [];
}

export function hitJson({ chunk, score, rank }: Hit, docId: number): object {
  const { source, title, format, page, start, end, text } = chunk;
  const place = { source, title, format, ...(page !== undefined && { page }), start, end };
  return { doc_id: docId, document: documentId(source), ...place, text, score, rank };
}
