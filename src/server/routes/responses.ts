/** `POST /v1/responses`: OpenAI's newer shape of the same, with file citations. */
import { randomUUID } from "node:crypto";
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { ServerEvent } from "../event-stream.ts";
import { answerStream } from "../generation/answer-stream.ts";
import { type ChoiceEnd, type ChoiceEvent, gather } from "../generation/choice.ts";
import { answering, type Grounds } from "../generation/grounds.ts";
import { refuseInvalid } from "../invalid-request.ts";
import type { ServerParts } from "../server-parts.ts";
import { groundsJson } from "../wire/grounds.ts";
import { answerOrStream, jsonBody } from "../wire/openapi.ts";
import { responseGrammar } from "../wire/response-format.ts";
import {
  fileCitations,
  type ResponsesRequest,
  responsesMessages,
  responsesSchema,
  responsesUsage,
  searchedCollection,
} from "../wire/responses.ts";
import { toGenerateOptions } from "../wire/sampling.ts";

const route = createRoute({
  method: "post",
  path: "/v1/responses",
  summary: "Respond",
  description:
    "OpenAI's Responses. A `file_search` tool names a collection, which the answer is then given from, with `file_citation` annotations. Nothing is kept between requests.",
  tags: ["OpenAI"],
  request: jsonBody(responsesSchema),
  responses: answerOrStream("The response; with `stream`, its events"),
});

interface Facts {
  id: string;
  message: string;
  created: number;
  model: string;
}

export function responses(parts: ServerParts): OpenAPIHono {
  const app = new OpenAPIHono({ defaultHook: refuseInvalid });
  return app.openapi(route, async (context) => {
    const body = context.req.valid("json");
    const { signal } = context.req.raw;
    const { name, grounds, start } = answering(parts, body.model, {
      messages: responsesMessages(body),
      documents: [{ value: body.documents, param: "documents" }],
      collection: searchedCollection(body),
      filter: undefined,
    });
    const options = optionsOf(body);
    const facts = {
      id: `resp_${randomUUID()}`,
      message: `msg_${randomUUID()}`,
      created: Math.floor(Date.now() / 1000),
      model: name,
    };
    const begin = start(options);
    if (body.stream) return answerStream(context, (called) => events(begin(called), grounds, facts));
    const [answer] = await gather([begin], signal);
    const extra = Object.assign({}, ...answer!.events.map((event) => groundsJson(grounds, event)));
    return context.json(completed(facts, answer!.text, answer!.end, extra), 200);
  });
}

function optionsOf(body: ResponsesRequest) {
  const format = body.text?.format ?? undefined;
  const grammar = responseGrammar(
    format?.type === "json_schema"
      ? { type: "json_schema", json_schema: { name: format.name, schema: format.schema } }
      : format,
  );
  const { temperature, top_p, seed, beams, max_output_tokens: max_tokens } = body;
  return {
    ...toGenerateOptions({ temperature, top_p, seed, beams, max_tokens }),
    ...(grammar !== undefined && { grammar }),
  };
}

function response({ id, created, model }: Facts, status: string, rest: object = {}): object {
  return {
    id,
    object: "response",
    created_at: created,
    status,
    model,
    output: [],
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    parallel_tool_calls: false,
    tool_choice: "auto",
    tools: [],
    ...rest,
  };
}

function completed(facts: Facts, text: string, end: ChoiceEnd, extra: object): object {
  const isCut = end.finishReason !== "stop";
  return response(facts, isCut ? "incomplete" : "completed", {
    output: [message(facts, isCut ? "incomplete" : "completed", [outputText(text, annotationsOf(end))])],
    output_text: text,
    usage: responsesUsage(end.usage),
    ...(isCut && { incomplete_details: { reason: "max_output_tokens" } }),
    ...extra,
  });
}

const message = ({ message: id }: Facts, status: string, content: object[]) => ({
  id,
  type: "message",
  role: "assistant",
  status,
  content,
});

const outputText = (text: string, annotations: object[]) => ({
  type: "output_text",
  text,
  annotations,
  logprobs: [],
});

const annotationsOf = ({ answer }: ChoiceEnd) => (answer && "hits" in answer ? fileCitations(answer) : []);

async function* events(
  choice: AsyncIterable<ChoiceEvent>,
  grounds: Grounds,
  facts: Facts,
): AsyncGenerator<ServerEvent> {
  let number = 0;
  const event = (type: string, rest: object) => ({
    event: type,
    data: { type, sequence_number: number++, ...rest },
  });
  const place = { item_id: facts.message, output_index: 0, content_index: 0 };
  let text = "";
  const extra = {};
  let isBegun = false;
  for await (const one of choice) {
    if (!isBegun) {
      isBegun = true;
      yield event("response.created", { response: response(facts, "in_progress") });
      yield event("response.in_progress", { response: response(facts, "in_progress") });
      yield event("response.output_item.added", { output_index: 0, item: message(facts, "in_progress", []) });
      yield event("response.content_part.added", { ...place, part: outputText("", []) });
    }
    Object.assign(extra, groundsJson(grounds, one));
    if (one.type === "text") {
      text += one.text;
      yield event("response.output_text.delta", { ...place, delta: one.text, logprobs: [] });
    } else if (one.type === "end") {
      const annotations = annotationsOf(one);
      for (const [i, annotation] of annotations.entries())
        yield event("response.output_text.annotation.added", { ...place, annotation_index: i, annotation });
      yield event("response.output_text.done", { ...place, text, logprobs: [] });
      yield event("response.content_part.done", { ...place, part: outputText(text, annotations) });
      const whole = completed(facts, text, one, extra) as { status: string; output: object[] };
      yield event("response.output_item.done", { output_index: 0, item: whole.output[0] });
      yield event(`response.${whole.status}`, { response: whole });
    }
  }
}
