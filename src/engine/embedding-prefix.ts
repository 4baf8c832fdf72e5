/**
 * What some embedding models were trained to find before a text, by the model's name. Sources, the model cards at
 * huggingface.co: intfloat/multilingual-e5-large ("each input text should start with 'query: ' or 'passage: '") and
 * -large-instruct, Qwen/Qwen3-Embedding-0.6B (`get_detailed_instruct`), BAAI/bge-m3 (no instruction for queries).
 */
import type { EmbedOptions } from "../spec/embedding-model.ts";

export type EmbeddingPrefixes = Readonly<Record<EmbedOptions["role"], string>>;

/** Of the cards' own examples, for retrieval. */
const TASK = "Given a web search query, retrieve relevant passages that answer the query";

/** The first that fits. Names are compared as words in lower case, joined by single spaces. */
const PREFIXES: readonly (readonly [RegExp, EmbeddingPrefixes])[] = [
  [/\bqwen3 embedding\b/, { query: `Instruct: ${TASK}\nQuery:`, passage: "" }],
  // The two families of instructions differ by this space.
  [/\be5\b.*\binstruct\b/, { query: `Instruct: ${TASK}\nQuery: `, passage: "" }],
  [/\be5\b/, { query: "query: ", passage: "passage: " }],
];
/** bge-m3, and any model of which nothing is known. */
const NONE: EmbeddingPrefixes = { query: "", passage: "" };

/** `names`: all that the model is called, such as `intfloat/multilingual-e5-large` or `Qwen3 Embedding 0.6B`. */
export function embeddingPrefixes(names: readonly string[]): EmbeddingPrefixes {
  const words = names.map((name) =>
    name
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .join(" "),
  );
  return PREFIXES.find(([pattern]) => words.some((name) => pattern.test(name)))?.[1] ?? NONE;
}
