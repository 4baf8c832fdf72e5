/**
 * Log-probabilities of a given text from a server that echoes its prompt with them (OpenAI's `echo`, which vLLM
 * has): one request counts the tokens of the prompt, one scores prompt and completion.
 */
import { InputError } from "../../errors.ts";
import type { TokenLogprob } from "../../spec/language-model.ts";
import type { HttpClient } from "./http-client.ts";
import { toTokens } from "./read-completion.ts";
import type { ServerDialect } from "./server-facts.ts";
import { completionSchema, type WireCompletion } from "./wire.ts";

export interface ScoreByEchoFacts {
  client: HttpClient;
  modelId: string;
  dialect: ServerDialect;
  signal: AbortSignal;
  /** In milliseconds. */
  timeout: number;
}

/** `whole` begins with `prompt`. One token is generated each time: not all servers allow none. */
export async function scoreByEcho(
  prompt: string,
  whole: string,
  { client, modelId, dialect, signal, timeout }: ScoreByEchoFacts,
): Promise<TokenLogprob[]> {
  const ask = async (fields: Record<string, unknown>): Promise<WireCompletion> => {
    const body = {
      model: modelId,
      max_tokens: 1,
      temperature: 0,
      stream: false,
      ...(dialect === "vllm" ? { add_special_tokens: false } : {}),
      ...fields,
    };
    const parsed = completionSchema.safeParse(await client.json("/completions", body, signal, timeout));
    if (!parsed.success) throw client.fault("the server sent what is no completion: check --base-url");
    return parsed.data;
  };
  const alone = await ask({ prompt });
  const echoed = await ask({ prompt: whole, echo: true, logprobs: 1 });
  const start = alone.usage?.prompt_tokens;
  const end = echoed.usage?.prompt_tokens;
  const logprobs = echoed.choices[0]?.logprobs;
  const tokens = logprobs ? toTokens(logprobs, 0) : [];
  if (start === undefined || end === undefined || tokens.length < end || end <= start)
    throw new InputError(
      "the server does not echo a prompt with log-probabilities: use vLLM, or the embedded engine",
    );
  return tokens.slice(start, end).map(({ text, logprob }) => ({ text, logprob }));
}
