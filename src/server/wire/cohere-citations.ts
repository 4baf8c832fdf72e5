import type { GroundedAnswer } from "../../spec/grounding.ts";
import type { ClientDocuments } from "./documents.ts";
export function cohereCitations(answer: GroundedAnswer, documents: ClientDocuments): object[] {
  return answer.citations
    .filter((c) => c.sources.length > 0)
    .map(({ start, end, text, sources }) => ({
      start,
      end,
      text,
      sources: sources.map((s) => ({ type: "document", id: documents.idOf(s.docId), document: {} })),
      type: "TEXT_CONTENT",
    }));
}
