/** `POST /v1/completions`: a prompt as it stands, continued; for clients that render their own templates. */
import { randomUUID } from "node:crypto";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { GeneratedToken, GenerateOptions, LanguageModel, Usage } from "../../spec/language-model.ts";
import type { ServerEvent } from "../event-stream.ts";
import { answerStream } from "../generation/answer-stream.ts";
import {
  freeChoice,
  type Gathered,
  gather,
  type IndexedEvent,
  type Start,
  together,
} from "../generation/choice.ts";
import { modelNamed, noModel } from "../generation/model-named.ts";
import { several } from "../generation/several.ts";
import { refuseInvalid } from "../invalid-request.ts";
import type { ServerParts } from "../server-parts.ts";
import { finishReasonJson, usageJson } from "../wire/chat.ts";
import { answerOrStream, jsonBody } from "../wire/openapi.ts";
import { samplingFields, toGenerateOptions } from "../wire/sampling.ts";

/** Of one request. */
const MAX_PROMPTS = 256;

const completionSchema = z
  .object({
    model: z.string().nullish(),
    prompt: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(MAX_PROMPTS)]),
    ...samplingFields,
    logprobs: z.int().min(0).max(20).nullish(),
    echo: z.boolean().nullish().openapi({ description: "The prompt stands before the text." }),
    stream: z.boolean().nullish(),
    stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  })
  .openapi("CompletionRequest");

type CompletionRequest = z.infer<typeof completionSchema>;

const route = createRoute({
  method: "post",
  path: "/v1/completions",
  summary: "Complete",
  description:
    "The prompt is tokenized as it stands, control tokens on: whoever renders a template is the one who keeps text of others from spelling them. Use /v1/chat/completions where you can.",
  tags: ["OpenAI"],
  request: jsonBody(completionSchema),
  responses: answerOrStream("The completions"),
});

export function completions(parts: ServerParts): OpenAPIHono {
  const app = new OpenAPIHono({ defaultHook: refuseInvalid });
  return app.openapi(route, async (context) => {
    const body = context.req.valid("json");
    const { signal } = context.req.raw;
    const model = modelNamed(parts, body.model) ?? noModel();
    const prompts = typeof body.prompt === "string" ? [body.prompt] : body.prompt;
    const facts = {
      id: `cmpl-${randomUUID()}`,
      object: "text_completion",
      created: Math.floor(Date.now() / 1000),
      model: model.name,
    };
    const starts = choicesOf(model, prompts, body);
    if (body.stream)
      return answerStream(context, (called) => chunks(together(starts, called), prompts, facts, body));
    return context.json(whole(await gather(starts, signal), prompts, facts, body), 200);
  });
}

/** `n` of each prompt, in their order. */
function choicesOf(model: LanguageModel, prompts: readonly string[], body: CompletionRequest): Start[] {
  const optionsAt = (index: number): GenerateOptions => ({
    ...toGenerateOptions(body, index),
    ...(body.logprobs != null && { topLogprobs: body.logprobs }),
  });
  return prompts.flatMap((text) =>
    several(
      body.n ?? 1,
      optionsAt,
      (options) => (signal) =>
        freeChoice(model, { segments: [{ kind: "control", text }] }, { ...options, signal }),
    ),
  );
}

function whole(
  answers: readonly Gathered[],
  prompts: readonly string[],
  facts: object,
  { n, echo, logprobs }: CompletionRequest,
) {
  return {
    ...facts,
    choices: answers.map(({ index, text, tokens, end }) => ({
      index,
      text: echo ? `${prompts[Math.floor(index / (n ?? 1))]}${text}` : text,
      logprobs: logprobs == null ? null : logprobsJson(tokens),
      finish_reason: finishReasonJson(end.finishReason),
    })),
    usage: usageJson(
      sum(
        answers.map(({ index, end }) => ({ index, usage: end.usage })),
        n ?? 1,
      ),
    ),
  };
}

async function* chunks(
  events: AsyncIterable<IndexedEvent>,
  prompts: readonly string[],
  facts: object,
  { n, echo, logprobs, stream_options }: CompletionRequest,
): AsyncGenerator<ServerEvent> {
  const chunk = (
    index: number,
    text: string,
    tokens: readonly GeneratedToken[],
    finish_reason: string | null,
  ) => ({
    data: {
      ...facts,
      choices: [{ index, text, logprobs: logprobs == null ? null : logprobsJson(tokens), finish_reason }],
    },
  });
  const usages: IndexedUsage[] = [];
  const isBegun: boolean[] = [];
  for await (const { index, event } of events) {
    if (echo && !isBegun[index]) yield chunk(index, prompts[Math.floor(index / (n ?? 1))]!, [], null);
    isBegun[index] = true;
    if (event.type === "text") yield chunk(index, event.text, event.tokens, null);
    else if (event.type === "end") {
      usages.push({ index, usage: event.usage });
      yield chunk(index, "", [], finishReasonJson(event.finishReason));
    }
  }
  if (stream_options?.include_usage)
    yield { data: { ...facts, choices: [], usage: usageJson(sum(usages, n ?? 1)) } };
  yield { data: "[DONE]" };
}

type IndexedUsage = { index: number; usage: Usage };

/** Each prompt counts once, though it has `n` completions. */
function sum(usages: readonly IndexedUsage[], n: number): Usage {
  const total = { promptTokens: 0, completionTokens: 0, reusedTokens: 0 };
  for (const { index, usage } of usages) {
    total.completionTokens += usage.completionTokens;
    if (index % n > 0) continue;
    total.promptTokens += usage.promptTokens;
    total.reusedTokens += usage.reusedTokens;
  }
  return total;
}

/** As OpenAI's completions have them: lists of equal length. */
function logprobsJson(tokens: readonly GeneratedToken[]) {
  let offset = 0;
  return {
    tokens: tokens.map(({ text }) => text),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.map(({ top }) =>
      Object.fromEntries(top.map(({ text, logprob }) => [text, logprob])),
    ),
    text_offset: tokens.map(({ text }) => {
      offset += text.length;
      return offset - text.length;
    }),
  };
}
