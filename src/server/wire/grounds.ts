/** What an answer from documents says besides its text, in the ids that the client knows. */
import type { CorpusAnswer } from "../../rag/answer.ts";
import { documentId } from "../../rag/document-id.ts";
import type { Hit } from "../../retrieval/search.ts";
import type { GroundedAnswer } from "../../spec/grounding.ts";
import type { ChoiceEvent } from "../generation/choice.ts";
import type { Grounds } from "../generation/grounds.ts";
import { cohereCitations } from "./cohere-citations.ts";
import { hitJson } from "./hit.ts";

export interface GroundsJson {
  /** Of a collection: what was found, by number in `relevant_doc_ids`, without its text. */
  hits?: object[];
  relevant_doc_ids?: (number | string)[];
  /** By id, the probability that the document is relevant; of a long one, that of its most relevant part. */
  relevance?: Record<string, number>;
  /** In Cohere's shape. */
  citations?: object[];
}

/** Nothing for an event that says nothing of documents. */
export function groundsJson(grounds: Grounds, event: ChoiceEvent): GroundsJson {
  if (grounds.kind === "none") return {};
  if (event.type === "hits") return { hits: event.hits.map(placeJson) };
  const idOf = (docId: number) =>
    grounds.kind === "documents" ? grounds.documents.documentOf(docId).id : docId;
  if (event.type === "relevant") {
    const relevance = new Map<string, number>();
    for (const [docId, probability] of event.relevance) {
      const id = String(idOf(docId));
      relevance.set(id, Math.max(probability, relevance.get(id) ?? 0));
    }
    return {
      relevant_doc_ids: [...new Set(event.relevantDocIds.map(idOf))],
      relevance: Object.fromEntries(relevance),
    };
  }
  if (event.type !== "end" || !event.answer) return {};
  return { citations: citationsOf(grounds, event.answer) };
}

function placeJson(hit: Hit): object {
  const { text: _, ...place } = hitJson(hit);
  return place;
}

function citationsOf(grounds: Grounds, answer: GroundedAnswer | CorpusAnswer): object[] {
  if (grounds.kind === "documents") return cohereCitations(answer, grounds.documents);
  return "hits" in answer ? corpusCitations(answer) : [];
}

/** The same over a collection: a source for each place, with where it stands in its file. */
function corpusCitations({ citations, hits }: CorpusAnswer): object[] {
  return citations
    .filter(({ sources }) => sources.length > 0)
    .map(({ start, end, text, sources }) => ({
      start,
      end,
      text,
      sources: sources.map((place) => {
        const { chunk } = hits[place.docId]!;
        const { source, title, page } = chunk;
        const span = { start: chunk.start + place.start, end: chunk.start + place.end };
        const document = { title, source, ...(page !== undefined && { page }), ...span };
        return { type: "document", id: documentId(source), document };
      }),
    }));
}
