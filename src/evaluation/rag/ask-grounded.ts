/** One question of the benchmark asked by either protocol, and what of the answer is kept for the report. */
import type { GroundedTestRow } from "../../datasets/grounded-test-row.ts";
import type { Citation, GroundingDocument } from "../../spec/document.ts";
import type { GroundedAnswerer, GroundedOptions } from "../../spec/grounding.ts";
import type { LanguageModel } from "../../spec/language-model.ts";
import { askModel } from "../calls/ask-model.ts";
import type { Answered } from "../calls/calls.ts";
import { readSingleReply, singlePrompt } from "./single-prompt.ts";

/** As the journal holds it. */
export interface RagAnswer {
  answer: string;
  /** Ascending; null: it named none. */
  predictedIds: number[] | null;
  /** By document id, the probabilities of relevance; null: none were given. */
  relevance: [docId: number, probability: number][] | null;
  /** For each sentence of the answer the documents that support it. */
  citedIds: number[][];
  /** It was cut by the limit of tokens. */
  isCut: boolean;
}

export type Ask = (row: GroundedTestRow, signal: AbortSignal) => Promise<Answered<RagAnswer>>;

/** Finds what supports the sentences of an answer. */
export type Cite = (answer: string, documents: readonly GroundingDocument[]) => Citation[];

/** The two steps of the model card, as `vikhr ask` does them; or quotes. */
export function askTwoStep(answerer: GroundedAnswerer, options: GroundedOptions): Ask {
  return async ({ messages, documents }, signal) => {
    for await (const event of answerer(messages, documents, { ...options, signal })) {
      if (event.type !== "done") continue;
      const { answer, relevantDocIds, relevance, citations, finishReason, usage } = event.answer;
      signal.throwIfAborted();
      return {
        value: {
          answer,
          predictedIds: relevantDocIds,
          relevance: [...relevance],
          citedIds: citations.map(documentsOf),
          isCut: finishReason === "length",
        },
        tokens: usage.promptTokens + usage.completionTokens,
      };
    }
    throw new Error("the answer has no end");
  };
}

/** One prompt for any chat model; its answer is cited against the documents that it names, or, where it names none, all. */
export function askSinglePrompt(model: LanguageModel, cite: Cite, options: GroundedOptions): Ask {
  return async (row, signal) => {
    const { value, tokens } = await askModel(model, singlePrompt(row), { ...options, signal });
    const { ids, answer } = readSingleReply(value.text);
    const named = row.documents.filter(({ docId }) => ids === null || ids.includes(docId));
    const citations = named.length > 0 ? cite(answer, named) : [];
    const kept = { answer, predictedIds: ids, relevance: null, citedIds: citations.map(documentsOf) };
    return { value: { ...kept, isCut: value.isCut }, tokens };
  };
}

function documentsOf({ sources }: Citation): number[] {
  return [...new Set(sources.map(({ docId }) => docId))];
}
