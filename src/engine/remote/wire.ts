/** OpenAI's JSON as servers send it, checked on arrival: only what is read here, all else is let through unseen. */
import { z } from "zod";

const topLogprob = z.object({
  token: z.string(),
  logprob: z.number(),
  bytes: z.array(z.int().min(0).max(255)).nullish(),
});

/** Of chat completions; llama-server's completions have it too. */
const contentLogprobs = z.object({
  content: z.array(topLogprob.extend({ top_logprobs: z.array(topLogprob).nullish() })).nullish(),
});

/** Of completions. The first token of an echoed prompt has none: null. */
const listLogprobs = z.object({
  tokens: z.array(z.string()),
  token_logprobs: z.array(z.number().nullable()),
  top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).nullish(),
});

const count = z.int().nonnegative();

const usage = z.object({
  prompt_tokens: count,
  completion_tokens: count.nullish(),
  prompt_tokens_details: z.object({ cached_tokens: count.nullish() }).nullish(),
});

const choice = z.object({
  text: z.string().nullish(),
  delta: z.object({ content: z.string().nullish() }).nullish(),
  logprobs: z.union([listLogprobs, contentLogprobs]).nullish(),
  finish_reason: z.string().nullish(),
});

/** A whole completion, or one event of its stream. */
export const completionSchema = z.object({
  choices: z.array(choice).max(16).default([]),
  usage: usage.nullish(),
});

export type WireCompletion = z.infer<typeof completionSchema>;
export type WireLogprobs = NonNullable<z.infer<typeof choice>["logprobs"]>;
export type WireUsage = z.infer<typeof usage>;

export const modelsSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      owned_by: z.string().nullish(),
      /** vLLM and SGLang. */
      max_model_len: z.int().positive().nullish(),
      /** llama-server. */
      meta: z.object({ n_ctx: z.int().positive().nullish() }).nullish(),
    }),
  ),
});

/** llama-server's /props. */
export const propsSchema = z.object({
  default_generation_settings: z.object({ n_ctx: z.int().positive() }),
});

/** llama-server's /tokenize. */
export const tokensSchema = z.object({ tokens: z.array(z.int().nonnegative()) });

/** Ollama's /api/version, which no other server has. */
export const versionSchema = z.object({ version: z.string() });

/** Of /embeddings; zod's numbers are finite. */
export const embeddingsSchema = z.object({
  data: z.array(z.object({ index: z.int().nonnegative(), embedding: z.array(z.number()).min(1) })),
});
