/** `POST /v1/chat/completions`: OpenAI's chat, and beyond it answers from documents and from collections. */
import { randomUUID } from "node:crypto";
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { GenerateOptions, Usage } from "../../spec/language-model.ts";
import type { ServerEvent } from "../event-stream.ts";
import { answerStream } from "../generation/answer-stream.ts";
import { type Gathered, gather, type IndexedEvent, together } from "../generation/choice.ts";
import { answering, type Grounds } from "../generation/grounds.ts";
import { several } from "../generation/several.ts";
import { refuseInvalid } from "../invalid-request.ts";
import { RequestError } from "../openai-error.ts";
import type { ServerParts } from "../server-parts.ts";
import {
  type ChatRequest,
  chatRequestSchema,
  finishReasonJson,
  logprobsJson,
  toMessages,
  usageJson,
} from "../wire/chat.ts";
import { toChunkFilter } from "../wire/chunk-filter.ts";
import { groundsJson } from "../wire/grounds.ts";
import { answerOrStream, jsonBody } from "../wire/openapi.ts";
import { responseGrammar } from "../wire/response-format.ts";
import { toGenerateOptions } from "../wire/sampling.ts";

const route = createRoute({
  method: "post",
  path: "/v1/chat/completions",
  summary: "Chat",
  description:
    "OpenAI's chat completions. With documents (a `documents` message, `documents`, `chat_template_kwargs.documents`) or a `collection` the server first chooses what is relevant and then answers from it: the message has `relevant_doc_ids`, `relevance` and `citations`. A request with the model card's own system prompt goes to the model as it is, for clients that do the two steps themselves.",
  tags: ["OpenAI"],
  request: jsonBody(chatRequestSchema),
  responses: answerOrStream("The answer; with `stream`, chunks as server-sent events, the last one [DONE]"),
});

export function chatCompletions(parts: ServerParts): OpenAPIHono {
  const app = new OpenAPIHono({ defaultHook: refuseInvalid });
  return app.openapi(route, async (context) => {
    const body = context.req.valid("json");
    const { signal } = context.req.raw;
    const { name, grounds, start } = answering(parts, body.model, {
      messages: toMessages(body.messages),
      documents: [
        { value: body.documents, param: "documents" },
        { value: body.chat_template_kwargs?.documents, param: "chat_template_kwargs.documents" },
      ],
      collection: body.collection ?? undefined,
      filter: body.filter ? toChunkFilter(body.filter) : undefined,
    });
    const options = optionsOf(body);
    const n = body.n ?? 1;
    if (grounds.kind !== "none" && n > 1 && options(0).beamSearch)
      throw new RequestError("from documents a beam search gives one answer: leave out n, or beams", {
        param: "n",
      });
    const starts = several(n, options, start);
    const facts = {
      id: `chatcmpl-${randomUUID()}`,
      created: Math.floor(Date.now() / 1000),
      model: name,
    };
    if (body.stream)
      return answerStream(context, (called) => chunks(together(starts, called), grounds, facts, body));
    return context.json(whole(await gather(starts, signal), grounds, facts, body), 200);
  });
}

function optionsOf(body: ChatRequest): (index: number) => GenerateOptions {
  const grammar = responseGrammar(body.response_format);
  const maxTokens = body.max_completion_tokens ?? body.max_tokens;
  return (index) => ({
    ...toGenerateOptions(body, index),
    ...(typeof maxTokens === "number" && { maxTokens }),
    ...(body.logprobs && { topLogprobs: body.top_logprobs ?? 0 }),
    ...(grammar !== undefined && { grammar }),
  });
}

/** Stands where a text will. */
const TEXT_MARK = "\u0000";

type Facts = { id: string; created: number; model: string };

function whole(answers: readonly Gathered[], grounds: Grounds, facts: Facts, { logprobs }: ChatRequest) {
  return {
    ...facts,
    object: "chat.completion",
    choices: answers.map(({ index, text, tokens, events, end }) => ({
      index,
      message: Object.assign(
        { role: "assistant", content: text, refusal: null },
        ...events.map((event) => groundsJson(grounds, event)),
      ),
      logprobs: logprobs ? logprobsJson(tokens) : null,
      finish_reason: finishReasonJson(end.finishReason),
    })),
    usage: usageJson(answers.map(({ end }) => end.usage).reduce(addChoice)),
  };
}

async function* chunks(
  events: AsyncIterable<IndexedEvent>,
  grounds: Grounds,
  facts: Facts,
  { logprobs, stream_options, n }: ChatRequest,
): AsyncGenerator<ServerEvent> {
  const hasUsage = stream_options?.include_usage === true;
  const chunk = (index: number, delta: object, rest: object = {}) => ({
    data: {
      ...facts,
      object: "chat.completion.chunk",
      choices: [{ index, delta, logprobs: null, finish_reason: null, ...rest }],
      ...(hasUsage && { usage: null }),
    },
  });
  // Chunks of an answer differ in their text alone: a token is not worth writing the rest of them anew.
  const around = Array.from({ length: n ?? 1 }, (_, index) =>
    JSON.stringify(chunk(index, { content: TEXT_MARK }).data).split(JSON.stringify(TEXT_MARK)),
  );
  let usage: Usage | undefined;
  const isBegun = new Array<boolean>(n ?? 1).fill(false);
  for await (const { index, event } of events) {
    if (!isBegun[index]) yield chunk(index, { role: "assistant", content: "" });
    isBegun[index] = true;
    if (event.type === "text" && logprobs)
      yield chunk(index, { content: event.text }, { logprobs: logprobsJson(event.tokens) });
    else if (event.type === "text") yield { data: around[index]!.join(JSON.stringify(event.text)) };
    else {
      const delta = groundsJson(grounds, event);
      if (event.type === "end") {
        usage = usage ? addChoice(usage, event.usage) : event.usage;
        yield chunk(index, delta, { finish_reason: finishReasonJson(event.finishReason) });
      } else yield chunk(index, delta);
    }
  }
  if (hasUsage)
    yield {
      data: {
        ...facts,
        object: "chat.completion.chunk",
        choices: [],
        usage: usageJson(usage!),
      },
    };
  yield { data: "[DONE]" };
}

/** Several answers to one prompt: it counts once. */
function addChoice(sum: Usage, { completionTokens }: Usage): Usage {
  return { ...sum, completionTokens: sum.completionTokens + completionTokens };
}
