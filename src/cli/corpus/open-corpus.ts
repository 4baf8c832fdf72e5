/** A collection and the model that makes its vectors, closed together; the model is opened when it is first needed. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { InputError, UnavailableError, VikhrError } from "../../errors.ts";
import type { Collection, CollectionContents } from "../../index/collections.ts";
import type { Corpus } from "../../rag/corpora.ts";
import type { EmbeddingModel } from "../../spec/embedding-model.ts";
import { terminalLine } from "../../util/terminal-text.ts";
import { LazyEmbedding } from "./lazy-embedding.ts";

export async function openCorpus(collection: Collection): Promise<Corpus & { embedding?: LazyEmbedding }> {
  const { embedding: wanted } = collection.contents();
  const index = await collection.openIndex();
  if (!wanted) return { index, close: () => index.close() };
  const { model: name, dimension } = wanted;
  const embedding = new LazyEmbedding({ name, dimension }, () => openWanted(collection.name, wanted));
  const close = async () => {
    await index.close();
    await embedding.close();
  };
  return { index, embedding, close };
}

/** By words alone, and a line that says why, where the model of its vectors cannot be opened now. */
export async function openCorpusForSearch(collection: Collection): Promise<Corpus> {
  const { embedding, ...words } = await openCorpus(collection);
  if (!embedding) return words;
  try {
    await embedding.open();
    return { ...words, embedding };
  } catch (error) {
    if (error instanceof VikhrError) {
      process.stderr.write(`vikhr: ${terminalLine(`searching by words alone: ${error.message}`)}\n`);
      return words;
    }
    await words.close();
    throw error;
  }
}

/** What fails names the model and the collection: no flag of a search does. */
async function openWanted(
  collection: string,
  { model, dimension }: NonNullable<CollectionContents["embedding"]>,
): Promise<EmbeddingModel> {
  const opened = await openEmbedding(model).catch((cause: unknown) => {
    if (!(cause instanceof VikhrError)) throw cause;
    const said = `the embedding model ${model} of ${collection} cannot be used: ${cause.message}`;
    const { serverStatus, exitCode } = cause;
    if (cause instanceof UnavailableError) throw new UnavailableError(said, { cause, serverStatus });
    throw new VikhrError(said, { cause, serverStatus, exitCode });
  });
  if (opened.dimension === dimension) return opened;
  await opened.close();
  throw new InputError(
    `${model} gives vectors of ${opened.dimension} numbers now, and those of ${collection} have ${dimension}: vikhr add --embedding-model makes them anew`,
  );
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
