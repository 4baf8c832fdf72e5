/** Quotes in, the grounded answer that holds them and nothing else out; or a refusal where there are none. */
import type { IndexedDocument } from "../../retrieval/relevance/support.ts";
import type { Citation, Span } from "../../spec/document.ts";
import type { GroundedAnswer } from "../../spec/grounding.ts";
import { refusal } from "../refusal.ts";

/** A span of `documents[document]`, and what a reader sees there. */
export interface Quote extends Span {
  document: number;
  text: string;
}

export interface Chosen {
  /** Indexes of the relevant documents. */
  relevant: readonly number[];
  /** Of every document. */
  probability: readonly number[];
  quotes: readonly Quote[];
}

export function composeQuotes(
  question: string,
  documents: readonly IndexedDocument[],
  { relevant, probability, quotes }: Chosen,
): GroundedAnswer {
  return {
    relevantDocIds: relevant.map((i) => documents[i]!.docId).sort((a, b) => a - b),
    relevance: new Map(documents.map(({ docId }, i) => [docId, probability[i]!])),
    ...(quotes.length > 0 ? listed(quotes, documents) : { answer: refusal(question), citations: [] }),
    finishReason: "stop",
    usage: { promptTokens: 0, completionTokens: 0, reusedTokens: 0 },
  };
}

/** Numbered, one a quote, and a citation over each. */
function listed(
  quotes: readonly Quote[],
  documents: readonly IndexedDocument[],
): Pick<GroundedAnswer, "answer" | "citations"> {
  let answer = "";
  const citations = quotes.map(({ document, start, end, text }, i): Citation => {
    answer += `${i > 0 ? "\n" : ""}${i + 1}. `;
    const at = answer.length;
    answer += text;
    const source = { docId: documents[document]!.docId, start, end };
    return { start: at, end: answer.length, text, sources: [source] };
  });
  return { answer, citations };
}
