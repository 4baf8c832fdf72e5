/** An OpenAI-compatible server -> an EmbeddingModel. Asks it for one vector at once; what is wrong is said then. */
import { InputError } from "../../errors.ts";
import type { EmbeddingModel } from "../../spec/embedding-model.ts";
import { embeddingPrefixes } from "../embedding-prefix.ts";
import { HttpClient } from "./http-client.ts";
import { checkApiKey, checkBaseUrl, type RemoteOptions } from "./open-remote.ts";
import { RemoteEmbedding, requestVectors } from "./remote-embedding.ts";
import type { ServerPlace } from "./server-error.ts";

export type RemoteEmbeddingOptions = Pick<RemoteOptions, "baseUrl" | "apiKey" | "modelId" | "retries">;

/** In milliseconds, for a batch of texts; a server may also load its model first. Node's fetch ends at 300,000. */
const TIMEOUT = 240_000;

/** It is given as id@address. */
const SETTINGS = {
  baseUrl: "the address of the embedding model",
  modelId: "the name of the embedding model",
  apiKey: "OPENAI_API_KEY",
};

export async function openRemoteEmbedding(options: RemoteEmbeddingOptions): Promise<EmbeddingModel> {
  const { modelId, apiKey, retries = 4 } = options;
  if (modelId === "") throw new InputError("the remote embedding model has no name: give its id");
  const baseUrl = checkBaseUrl(options.baseUrl);
  checkApiKey(apiKey);
  const place: ServerPlace = { baseUrl, modelId, apiKey, contextSize: undefined, settings: SETTINGS };
  const client = new HttpClient(place, {
    fetch,
    connectTimeout: TIMEOUT,
    firstTokenTimeout: TIMEOUT,
    tokenTimeout: TIMEOUT,
    retries,
  });
  const ask = (body: unknown, signal: AbortSignal) => client.json("/embeddings", body, signal, TIMEOUT);
  const askQuickly = (body: unknown, signal: AbortSignal) => client.quickly("/embeddings", body, signal);
  const parts = { client, baseUrl, modelId };
  const [probe] = await requestVectors({ ...parts, ask: askQuickly }, ["text"], new AbortController().signal);
  return new RemoteEmbedding({
    ...parts,
    ask,
    dimension: probe!.length,
    prefixes: embeddingPrefixes([modelId]),
  });
}
