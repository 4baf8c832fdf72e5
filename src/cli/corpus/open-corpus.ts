/** A collection and the model that makes its vectors, opened together and closed together. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { InputError } from "../../errors.ts";
import type { Collection } from "../../index/collections.ts";
import type { Corpus } from "../../rag/corpora.ts";
import type { EmbeddingModel } from "../../spec/embedding-model.ts";

export async function openCorpus(collection: Collection): Promise<Corpus> {
  const { embedding: wanted } = collection.contents();
  const embedding = wanted && (await openEmbedding(wanted.model));
  try {
    if (embedding && embedding.dimension !== wanted.dimension)
      throw new InputError(
        `${wanted.model} gives vectors of ${embedding.dimension} numbers now, and those of ${collection.name} have ${wanted.dimension}: vikhr add --embedding-model makes them anew`,
      );
    const index = await collection.openIndex();
    const close = async () => {
      await index.close();
      await embedding?.close();
    };
    return { index, ...(embedding && { embedding }), close };
  } catch (error) {
    await embedding?.close();
    throw error;
  }
}

/** `model` is a GGUF file, or `id@address` for a server with /v1/embeddings. */
export async function openEmbedding(model: string): Promise<EmbeddingModel> {
  const server = /^(.+?)@(https?:\/\/.+)$/.exec(model);
  if (server) {
    const { openRemoteEmbedding } = await import("../../engine/remote/open-remote-embedding.ts");
    const apiKey = process.env.OPENAI_API_KEY;
    return openRemoteEmbedding({
      modelId: server[1]!,
      baseUrl: server[2]!,
      retries: 2,
      ...(apiKey && { apiKey }),
    });
  }
  const { openEmbeddedEmbedding } = await import("../../engine/embedded/pooled/open-embedding.ts");
  return openEmbeddedEmbedding(model);
}

/** As it is remembered: a file by its whole path, so that it is found from any folder. */
export function embeddingReference(model: string): string {
  if (/@https?:\/\//.test(model)) return model;
  if (existsSync(model)) return resolve(model);
  throw new InputError(
    `there is no embedding model ${model}: give a GGUF file, or id@http://server/v1 for a server's`,
  );
}
