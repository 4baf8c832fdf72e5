/** `POST /v1/completions`: a prompt as it stands, continued; for clients that render their own templates. */
import { randomUUID } from "node:crypto";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { GeneratedToken, GenerateOptions, LanguageModel, Usage } from "../../spec/language-model.ts";
import type { ServerEvent } from "../event-stream.ts";
import { answerStream } from "../generation/answer-stream.ts";
import { type ChoiceEvent, freeChoice, together } from "../generation/choice.ts";
import { modelNamed, noModel } from "../generation/model-named.ts";
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

type Events = AsyncIterable<{ index: number; event: ChoiceEvent }>;

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
    return context.json(await whole(together(starts, signal), prompts, facts, body), 200);
  });
}

/** `n` of each prompt, in their order. */
function choicesOf(
  model: LanguageModel,
  prompts: readonly string[],
  body: CompletionRequest,
): ((signal: AbortSignal) => AsyncIterable<ChoiceEvent>)[] {
  return prompts.flatMap((text) =>
    Array.from({ length: body.n ?? 1 }, (_, i) => (signal: AbortSignal) => {
      const options: GenerateOptions = {
        ...toGenerateOptions(body, i),
        ...(body.logprobs != null && { topLogprobs: body.logprobs }),
        signal,
      };
      return freeChoice(model, { segments: [{ kind: "control", text }] }, options);
    }),
  );
}

async function whole(events: Events, prompts: readonly string[], facts: object, body: CompletionRequest) {
  const n = body.n ?? 1;
  const choices = Array.from({ length: n * prompts.length }, (_, index) => ({
    text: body.echo ? prompts[Math.floor(index / n)]! : "",
    tokens: [] as GeneratedToken[],
    finish_reason: null as string | null,
  }));
  const usages: Usage[] = [];
  for await (const { index, event } of events) {
    const choice = choices[index]!;
    if (event.type === "text") {
      choice.text += event.text;
      choice.tokens.push(...event.tokens);
    } else if (event.type === "end") {
      choice.finish_reason = finishReasonJson(event.finishReason);
      usages[index] = event.usage;
    }
  }
  return {
    ...facts,
    choices: choices.map(({ text, tokens, finish_reason }, index) => ({
      index,
      text,
      logprobs: body.logprobs == null ? null : logprobsJson(tokens),
      finish_reason,
    })),
    usage: usageJson(sum(usages, n)),
  };
}

async function* chunks(
  events: Events,
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
  const usages: Usage[] = [];
  const isBegun: boolean[] = [];
  for await (const { index, event } of events) {
    if (echo && !isBegun[index]) yield chunk(index, prompts[Math.floor(index / (n ?? 1))]!, [], null);
    isBegun[index] = true;
    if (event.type === "text") yield chunk(index, event.text, event.tokens, null);
    else if (event.type === "end") {
      usages[index] = event.usage;
      yield chunk(index, "", [], finishReasonJson(event.finishReason));
    }
  }
  if (stream_options?.include_usage)
    yield { data: { ...facts, choices: [], usage: usageJson(sum(usages, n ?? 1)) } };
  yield { data: "[DONE]" };
}

/** Each prompt counts once, though it has `n` completions. */
function sum(usages: readonly Usage[], n: number): Usage {
  const total = { promptTokens: 0, completionTokens: 0, reusedTokens: 0 };
  for (const [index, usage] of usages.entries()) {
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
