/** A grounded answer as `vikhr ask --json` prints it: snake_case, ids as keys of `relevance`. */
import { type CorpusAnswer, referenceOf } from "../../rag/answer.ts";
import type { GroundedAnswer } from "../../spec/grounding.ts";
import { hitJson } from "./hit.ts";

export function answerJson(answer: GroundedAnswer) {
  const { promptTokens, completionTokens, reusedTokens } = answer.usage;
  return {
    relevant_doc_ids: answer.relevantDocIds,
    relevance: Object.fromEntries(answer.relevance),
    answer: answer.answer,
    citations: answer.citations.map(({ start, end, text, sources }) => ({
      start,
      end,
      text,
      sources: sources.map(({ docId, ...span }) => ({ doc_id: docId, start: span.start, end: span.end })),
    })),
    usage: { prompt_tokens: promptTokens, completion_tokens: completionTokens, reused_tokens: reusedTokens },
  };
}

/** Over a collection: what came of it, what was searched for and found, and for every source its place in its file. */
export function corpusAnswerJson(answer: CorpusAnswer) {
  const { citations, ...json } = answerJson(answer);
  return {
    outcome: answer.outcome,
    query: answer.query,
    ...json,
    citations: citations.map((citation, i) => ({
      ...citation,
      sources: citation.sources.map((source, j) => ({
        ...source,
        file: referenceOf(answer.citations[i]!.sources[j]!, answer.hits),
      })),
    })),
    hits: answer.hits.map(hitJson),
  };
}
