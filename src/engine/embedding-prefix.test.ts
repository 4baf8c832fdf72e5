import { expect, test } from "vitest";
import { embeddingPrefixes } from "./embedding-prefix.ts";

const INSTRUCTION =
  "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:";

test.each([
  "intfloat/multilingual-e5-small",
  "Multilingual E5 Large",
  "multilingual-e5-base-Q8_0.gguf",
  "multilingual_e5_large",
])("%s marks both", (name) => {
  expect(embeddingPrefixes([name])).toEqual({ query: "query: ", passage: "passage: " });
});

test.each([
  "Qwen/Qwen3-Embedding-0.6B",
  "Qwen3 Embedding 8B",
  "qwen3-embedding:0.6b",
  "text-qwen3-embedding",
])("%s instructs before queries only", (name) => {
  expect(embeddingPrefixes([name])).toEqual({ query: INSTRUCTION, passage: "" });
});

test("an instructed E5 is another thing than E5", () => {
  for (const name of ["intfloat/multilingual-e5-large-instruct", "e5-mistral-7b-instruct"])
    expect(embeddingPrefixes([name])).toEqual({ query: `${INSTRUCTION} `, passage: "" });
});

test.each(["BAAI/bge-m3", "Bge M3", "nano", "", "Qwen3 8B", "qwen3-reranker", "re5-model", "e50"])(
  "%s gets nothing",
  (name) => {
    expect(embeddingPrefixes([name])).toEqual({ query: "", passage: "" });
  },
);

test("any of a model's names will do", () => {
  expect(embeddingPrefixes(["", "multilingual-e5"]).query).toBe("query: ");
  expect(embeddingPrefixes([])).toEqual({ query: "", passage: "" });
});
