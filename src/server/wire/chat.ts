/** `/v1/chat/completions`: what a request holds, and the shapes of its answers. */
import { z } from "@hono/zod-openapi";
import type { FinishReason, GeneratedToken, TokenLogprob, Usage } from "../../spec/language-model.ts";
import type { Message } from "../../spec/message.ts";
import { filterSchema } from "./chunk-filter.ts";
import { responseFormat } from "./response-format.ts";
import { samplingFields } from "./sampling.ts";

const textPart = z.object({ type: z.literal("text"), text: z.string() });

export const messageSchema = z
  .object({
    role: z.string().min(1).max(64).openapi({ example: "user" }),
    content: z
      .union([z.string(), z.array(textPart)])
      .nullish()
      .openapi({ example: "Когда открыли первую железную дорогу?" }),
  })
  .openapi("Message");

/** Documents come in several shapes, which wire/documents.ts knows. */
const anyDocuments = z.unknown().optional().openapi({
  description:
    "The answer is given from them alone: [{doc_id, title, content}], or as Cohere's and vLLM's clients send them.",
});

export const chatRequestSchema = z
  .object({
    model: z.string().nullish().openapi({ description: "Default: the one that is loaded." }),
    messages: z.array(messageSchema).min(1).max(10_000),
    ...samplingFields,
    max_completion_tokens: z.int().min(1).nullish(),
    logprobs: z.boolean().nullish(),
    top_logprobs: z.int().min(0).max(20).nullish(),
    response_format: responseFormat.nullish(),
    stream: z.boolean().nullish(),
    stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
    documents: anyDocuments,
    chat_template_kwargs: z.object({ documents: anyDocuments }).nullish(),
    collection: z
      .string()
      .nullish()
      .openapi({ description: "Beyond OpenAI: the answer is given from this collection." }),
    filter: filterSchema.nullish(),
  })
  .openapi("ChatCompletionRequest");

export type ChatRequest = z.infer<typeof chatRequestSchema>;

export function toMessages(messages: ChatRequest["messages"]): Message[] {
  return messages.map(({ role, content }) => ({
    role,
    content: typeof content === "string" ? content : (content ?? []).map(({ text }) => text).join(""),
  }));
}

/** OpenAI knows no answer that was called off. */
export const finishReasonJson = (reason: FinishReason) => (reason === "aborted" ? "length" : reason);

export function usageJson({ promptTokens, completionTokens, reusedTokens }: Usage) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: reusedTokens },
    /** Beyond OpenAI, and the same: prompt tokens that were not evaluated again. */
    reused_tokens: reusedTokens,
  };
}

export function logprobsJson(tokens: readonly GeneratedToken[]) {
  const json = ({ text, logprob }: TokenLogprob) => ({ token: text, logprob, bytes: [...Buffer.from(text)] });
  return {
    content: tokens.map((token) => ({ ...json(token), top_logprobs: token.top.map(json) })),
    refusal: null,
  };
}
