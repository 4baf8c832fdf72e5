/** `POST /cohere/v2/chat`: grounded generation in the shape of Cohere's second API, whose client works with it. */
import { randomUUID } from "node:crypto";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { FinishReason, GenerateOptions, Usage } from "../../spec/language-model.ts";
import type { ServerEvent } from "../event-stream.ts";
import { answerStream } from "../generation/answer-stream.ts";
import { type ChoiceEvent, gather } from "../generation/choice.ts";
import { answering, type Grounds } from "../generation/grounds.ts";
import { refuseInvalid } from "../invalid-request.ts";
import type { ServerParts } from "../server-parts.ts";
import { messageSchema, toMessages } from "../wire/chat.ts";
import { groundsJson } from "../wire/grounds.ts";
import { answerOrStream, jsonBody } from "../wire/openapi.ts";
import { responseGrammar } from "../wire/response-format.ts";
import { samplingFields, toGenerateOptions } from "../wire/sampling.ts";

const cohereSchema = z
  .object({
    model: z.string().nullish(),
    messages: z.array(messageSchema).min(1).max(10_000),
    documents: z.unknown().optional().openapi({ description: "Strings, or {id, data: {title, text}}." }),
    collection: z.string().nullish().openapi({ description: "Beyond Cohere: the answer is given from it." }),
    temperature: samplingFields.temperature,
    seed: samplingFields.seed,
    max_tokens: samplingFields.max_tokens,
    p: samplingFields.top_p,
    k: samplingFields.top_k,
    stop_sequences: z.array(z.string().min(1)).max(16).nullish(),
    response_format: z
      .object({
        type: z.enum(["text", "json_object"]),
        json_schema: z.record(z.string(), z.unknown()).nullish(),
        schema: z.record(z.string(), z.unknown()).nullish(),
      })
      .nullish(),
    stream: z.boolean().nullish(),
  })
  .openapi("CohereChatRequest");

type CohereRequest = z.infer<typeof cohereSchema>;

const route = createRoute({
  method: "post",
  path: "/cohere/v2/chat",
  summary: "Chat, as Cohere's clients speak",
  description: "Give Cohere's client the base URL http://host:port/cohere.",
  tags: ["Cohere"],
  request: jsonBody(cohereSchema),
  responses: answerOrStream("The answer with its citations; with `stream`, Cohere's events"),
});

const FINISH_REASONS: Record<FinishReason, string> = {
  stop: "COMPLETE",
  length: "MAX_TOKENS",
  aborted: "ERROR",
};

export function cohereChat(parts: ServerParts): OpenAPIHono {
  const app = new OpenAPIHono({ defaultHook: refuseInvalid });
  return app.openapi(route, async (context) => {
    const body = context.req.valid("json");
    const { signal } = context.req.raw;
    const { grounds, start } = answering(parts, body.model, {
      messages: toMessages(body.messages),
      // An empty list is what the client sends for none.
      documents:
        Array.isArray(body.documents) && body.documents.length === 0
          ? []
          : [{ value: body.documents, param: "documents" }],
      collection: body.collection ?? undefined,
      filter: undefined,
    });
    const options = optionsOf(body);
    const id = randomUUID();
    const begin = start(options);
    if (body.stream) return answerStream(context, (called) => events(begin(called), grounds, id));
    const [answer] = await gather([begin], signal);
    const { text, end } = answer!;
    const { citations = [] } = groundsJson(grounds, end);
    const content = [{ type: "text", text }];
    const message = { role: "assistant", content, ...(citations.length > 0 && { citations }) };
    const finish_reason = FINISH_REASONS[end.finishReason];
    return context.json({ id, finish_reason, message, usage: usageJson(end.usage) }, 200);
  });
}

function optionsOf(body: CohereRequest): GenerateOptions {
  const { temperature, seed, max_tokens, p, k, stop_sequences, response_format } = body;
  const fields = { temperature, seed, max_tokens, top_p: p, top_k: k, stop: stop_sequences };
  const schema = response_format?.json_schema ?? response_format?.schema;
  const grammar = responseGrammar(
    response_format?.type !== "json_object"
      ? undefined
      : schema == null
        ? { type: "json_object" }
        : { type: "json_schema", json_schema: { schema } },
  );
  return { ...toGenerateOptions(fields), ...(grammar !== undefined && { grammar }) };
}

function usageJson({ promptTokens, completionTokens }: Usage): object {
  const tokens = { input_tokens: promptTokens, output_tokens: completionTokens };
  return { billed_units: tokens, tokens };
}

async function* events(
  choice: AsyncIterable<ChoiceEvent>,
  grounds: Grounds,
  id: string,
): AsyncGenerator<ServerEvent> {
  // Cohere's client tells events by `type` in their data.
  const event = (type: string, rest: object) => ({ event: type, data: { type, ...rest } });
  let isBegun = false;
  for await (const one of choice) {
    if (!isBegun) {
      isBegun = true;
      yield event("message-start", {
        id,
        delta: { message: { role: "assistant", content: [], citations: [] } },
      });
      yield event("content-start", { index: 0, delta: { message: { content: { type: "text", text: "" } } } });
    }
    if (one.type === "text")
      yield event("content-delta", { index: 0, delta: { message: { content: { text: one.text } } } });
    else if (one.type === "end") {
      yield event("content-end", { index: 0 });
      const { citations = [] } = groundsJson(grounds, one);
      for (const [index, citation] of citations.entries()) {
        yield event("citation-start", { index, delta: { message: { citations: citation } } });
        yield event("citation-end", { index });
      }
      const finish_reason = FINISH_REASONS[one.finishReason];
      yield event("message-end", { id, delta: { finish_reason, usage: usageJson(one.usage) } });
    }
  }
}
