/**
 * A GGUF file -> an EmbeddingModel that runs in this process: encoders (BERT, XLM-RoBERTa) and decoders alike.
 * Everything that can be refused is, before loading.
 */
import { basename } from "node:path";
import { readGguf } from "../../../gguf/read-gguf.ts";
import { embeddingPrefixes } from "../../embedding-prefix.ts";
import { EmbeddedEmbedding } from "./embedded-embedding.ts";
import { readEmbeddingHeader } from "./embedding-header.ts";
import { openPooledEngine, type PooledOptions, textContextSize } from "./open-pooled-engine.ts";

export async function openEmbeddedEmbedding(
  path: string,
  options: PooledOptions = {},
): Promise<EmbeddedEmbedding> {
  const header = readEmbeddingHeader(readGguf(path));
  const { pooling, isCausal } = header;
  const name = options.name ?? basename(path).replace(/\.gguf$/i, "");
  // Any number of callers may wait, each with a few texts.
  const engine = await openPooledEngine(
    header,
    { ...options, contextSize: textContextSize(header) },
    { name, pooling, isCausal, reuses: false, maxWaiting: Number.POSITIVE_INFINITY },
  );
  return new EmbeddedEmbedding({ name, path, engine, prefixes: embeddingPrefixes(header.modelNames) });
}
