/** The citations of a grounded answer as Cohere's v2 API has them: the sentences that have sources, with their documents. */
import type { GroundedAnswer } from "../../spec/grounding.ts";
import type { ClientDocument, ClientDocuments } from "./documents.ts";

export interface CohereCitation {
  /** In UTF-16 code units of the answer, as everywhere here. */
  start: number;
  end: number;
  text: string;
  sources: CohereSource[];
}

interface CohereSource {
  type: "document";
  id: string;
  /** As the client gave it, with its id. */
  document: Record<string, unknown>;
}

/** Each document once a sentence, however many of its places support it. */
export function cohereCitations(answer: GroundedAnswer, documents: ClientDocuments): CohereCitation[] {
  return answer.citations
    .filter(({ sources }) => sources.length > 0)
    .map(({ start, end, text, sources }) => {
      const cited = new Set(sources.map(({ docId }) => documents.documentOf(docId)));
      return { start, end, text, sources: [...cited].map(sourceOf) };
    });
}

function sourceOf({ id, fields }: ClientDocument): CohereSource {
  return { type: "document", id: String(id), document: { ...fields, id: String(id) } };
}
