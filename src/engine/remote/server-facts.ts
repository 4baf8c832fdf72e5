/** What kind of server answers at a base URL, and how long its context is: asked once, when a model is opened. */
import { InputError, VikhrError } from "../../errors.ts";
import type { HttpClient } from "./http-client.ts";
import { modelsSchema, propsSchema, versionSchema } from "./wire.ts";

/** `openai`: a server of which only OpenAI's own fields are known to work. */
export type ServerDialect = "vllm" | "llama.cpp" | "openai";

export interface ServerFacts {
  dialect: ServerDialect;
  contextSize: number | undefined;
  /** Its /v1/completions is not what its name says. */
  ollama: boolean;
}

export interface ServerFactsRequest {
  baseUrl: string;
  modelId: string;
  /** Undefined: to be found out. */
  dialect: ServerDialect | undefined;
  signal: AbortSignal;
}

/** Servers without /models are taken as `openai`. */
export async function serverFacts(
  client: HttpClient,
  { baseUrl, modelId, dialect: wanted, signal }: ServerFactsRequest,
): Promise<ServerFacts> {
  const listed = modelsSchema.safeParse(await optional(client.quickly("/models", undefined, signal)));
  const models = listed.success ? listed.data.data : [];
  const model = models.find(({ id }) => id === modelId);
  const owner = (model ?? models[0])?.owned_by;
  const dialect = wanted ?? (owner === "vllm" ? "vllm" : owner === "llamacpp" ? "llama.cpp" : "openai");
  // vLLM would refuse each request; others know models that they do not list.
  if (dialect === "vllm" && models.length > 0 && !model)
    throw new InputError(
      `${baseUrl}: the server has no model '${modelId.slice(0, 100)}': give as --model-id one of ${models
        .slice(0, 5)
        .map(({ id }) => id.slice(0, 100))
        .join(", ")}`,
    );
  const contextSize =
    model?.max_model_len ??
    model?.meta?.n_ctx ??
    (dialect === "llama.cpp" ? await llamaContextSize(client, baseUrl, signal) : undefined);
  const ollama = wanted === undefined && dialect === "openai" && (await isOllama(client, baseUrl, signal));
  return { dialect, contextSize, ollama };
}

async function isOllama(client: HttpClient, baseUrl: string, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await client.quickly(`${serverRoot(baseUrl)}/api/version`, undefined, signal);
    return versionSchema.safeParse(answer).success;
  } catch {
    // Whatever others say to a path that they do not know.
    return false;
  }
}

async function llamaContextSize(client: HttpClient, baseUrl: string, signal: AbortSignal) {
  const props = await optional(client.quickly(`${serverRoot(baseUrl)}/props`, undefined, signal));
  return propsSchema.safeParse(props).data?.default_generation_settings.n_ctx;
}

/** Where llama-server has the paths that are not OpenAI's. */
export function serverRoot(baseUrl: string): string {
  return baseUrl.replace(/\/v1$/, "");
}

/** Undefined where the server has no such path; a wrong key or a server out of reach stays an error. */
async function optional(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    // The first parenthesis is ours; what the server said comes later.
    if (error instanceof VikhrError && /^[^(]*\(HTTP (404|405|501)\b/.test(error.message)) return undefined;
    throw error;
  }
}
