import { parseDocuments } from "../../grounding/parse-documents.ts";
import type { GroundingDocument } from "../../spec/document.ts";

export interface ClientDocuments {
  documents: GroundingDocument[];
  relevanceJson(
    ids: readonly number[],
    relevance: ReadonlyMap<number, number>,
  ): { relevant_doc_ids: (number | string)[]; relevance: Record<string, number> };
  idOf(docId: number): string;
}

export function parseClientDocuments(value: unknown, _param: string): ClientDocuments {
  const given = (typeof value === "string" ? JSON.parse(value) : value) as any[];
  const ids = given.map((d, i) => d.doc_id ?? d.id ?? i);
  const documents = parseDocuments(
    given.map((d, i) => ({
      doc_id: i,
      title: d.title ?? d.data?.title,
      content: d.content ?? d.text ?? d.data?.text,
    })),
  );
  return {
    documents,
    idOf: (i) => String(ids[i]),
    relevanceJson: (r, m) => ({
      relevant_doc_ids: r.map((i) => ids[i]),
      relevance: Object.fromEntries([...m].map(([i, p]) => [String(ids[i]), p])),
    }),
  };
}
