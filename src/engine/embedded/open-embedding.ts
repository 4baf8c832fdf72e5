/**
 * A GGUF file -> an EmbeddingModel that runs in this process: encoders (BERT, XLM-RoBERTa) and decoders alike.
 * Everything that can be refused is, before loading.
 */
import { basename } from "node:path";
import { readGguf } from "../../gguf/read-gguf.ts";
import type { EmbeddingModel } from "../../spec/embedding-model.ts";
import { embeddingPrefixes } from "../embedding-prefix.ts";
import { EmbeddedEmbedding } from "./embedded-embedding.ts";
import { readEmbeddingHeader } from "./embedding-header.ts";
import { chooseContextSize, estimateMemory } from "./memory.ts";
import { checkThreads, chooseDevice, type EmbeddedOptions, layersOnGpu } from "./open-embedded.ts";

export type EmbeddedEmbeddingOptions = Pick<EmbeddedOptions, "threads" | "gpu" | "name">;

/**
 * In tokens, where the model was made for as many: more than the longest chunk has (4,000 letters of Russian are
 * some 1,000). Not by the memory that is free, since where a text is cut decides its vector.
 */
const MAX_CONTEXT_SIZE = 2048;

export async function openEmbeddedEmbedding(
  path: string,
  options: EmbeddedEmbeddingOptions = {},
): Promise<EmbeddingModel> {
  checkThreads(options);
  const header = readEmbeddingHeader(readGguf(path));
  const { backend, gpuMemory, threads, available, ...device } = await chooseDevice(header, options);
  const wanted = Math.min(header.contextLength, MAX_CONTEXT_SIZE);
  // An encoder sees a text as a whole or not at all.
  const batchSize = header.isCausal ? Math.min(device.batchSize, wanted) : wanted;
  // The estimate counts a row of logits for each token evaluated at once. An encoder has none, and yet llama.cpp
  // makes room for them: of a vocabulary of 250,000, 2 GiB for 2,048 tokens, as measured.
  const contextSize = chooseContextSize(header, { contextSize: wanted, batchSize, available });
  const { pooling, tokenizer } = header;
  const { total } = estimateMemory(header, { contextSize, batchSize });
  const gpuLayers = layersOnGpu(header.headCountKv.length, total, gpuMemory);
  const shape = {
    contextSize,
    batchSize,
    sequences: 1,
    threads: threads.most,
    gpuLayers,
    kvType: "f16",
    tokenizer,
  } as const;
  const model = await backend.loadEmbedder(path, { ...shape, pooling });
  return new EmbeddedEmbedding({
    name: options.name ?? basename(path).replace(/\.gguf$/i, ""),
    path,
    model,
    contextSize,
    batchSize,
    pooling,
    prefixes: embeddingPrefixes(header.modelNames),
  });
}
