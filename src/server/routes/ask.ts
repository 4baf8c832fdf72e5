/** `POST /v1/ask`: a question over documents or a collection; what `vikhr ask --json` prints, or a stream towards it. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { parseDocuments } from "../../grounding/parse-documents.ts";
import { DEFAULT_COLLECTION } from "../../index/collections.ts";
import { answererOf } from "../../rag/answerer-of.ts";
import type { LanguageModel } from "../../spec/language-model.ts";
import type { ServerEvent } from "../event-stream.ts";
import { answerStream } from "../generation/answer-stream.ts";
import { type ChoiceEvent, documentsChoice, gather, type Start } from "../generation/choice.ts";
import { collectionChoice } from "../generation/collection-choice.ts";
import { modelNamed, QUOTES } from "../generation/model-named.ts";
import { refuseInvalid } from "../invalid-request.ts";
import { RequestError } from "../openai-error.ts";
import type { ServerParts } from "../server-parts.ts";
import { answerJson, corpusAnswerJson } from "../wire/answer-json.ts";
import { messageSchema, toMessages } from "../wire/chat.ts";
import { filterSchema, toChunkFilter } from "../wire/chunk-filter.ts";
import { hitJson } from "../wire/hit.ts";
import { answerOrStream, jsonBody } from "../wire/openapi.ts";
import { samplingFields, toGenerateOptions } from "../wire/sampling.ts";

const { n: _, ...sampling } = samplingFields;

const askSchema = z
  .object({
    question: z.string().nullish().openapi({ example: "Что мы решили о резервных копиях?" }),
    messages: z
      .array(messageSchema)
      .min(1)
      .max(1000)
      .nullish()
      .openapi({ description: "In place of `question`: a dialogue whose last message is the user's." }),
    model: z.string().nullish().openapi({ description: '"quotes" quotes, also where a model is loaded.' }),
    collection: z
      .string()
      .nullish()
      .openapi({ description: 'Default: "default", where no documents are given.' }),
    documents: z
      .unknown()
      .optional()
      .openapi({ description: "[{doc_id, title, content}], as for `vikhr ask --documents`." }),
    filter: filterSchema.nullish(),
    stream: z.boolean().nullish(),
    ...sampling,
  })
  .openapi("AskRequest");

type AskRequest = z.infer<typeof askSchema>;

const route = createRoute({
  method: "post",
  path: "/v1/ask",
  summary: "Ask",
  description:
    "A grounded answer with the probability that each document is relevant, and citations to the character. With `stream`, events: `hits` (of a collection), `relevant`, any number of `text`, and `done` with the whole, or `error`.",
  tags: ["Answers"],
  request: jsonBody(askSchema),
  responses: answerOrStream("What `vikhr ask --json` prints"),
});

export function ask(parts: ServerParts): OpenAPIHono {
  const app = new OpenAPIHono({ defaultHook: refuseInvalid });
  return app.openapi(route, async (context) => {
    const body = context.req.valid("json");
    const { signal } = context.req.raw;
    const model = modelNamed(parts, body.model);
    const start = await starter(parts, body, model);
    const name = model?.name ?? QUOTES;
    if (body.stream) return answerStream(context, (called) => events(start(called), name));
    const [answer] = await gather([start], signal);
    return context.json(done(answer!.end, name), 200);
  });
}

/** Everything that can be refused is, before the answer begins. */
async function starter(
  parts: ServerParts,
  body: AskRequest,
  model: LanguageModel | undefined,
): Promise<Start> {
  const { question, messages, documents, collection } = body;
  if ((question == null) === (messages == null))
    throw new RequestError("question: give a question, or messages that end with one", { param: "question" });
  if (documents != null && collection != null)
    throw new RequestError("documents and a collection are both given: ask one of them", {
      param: "collection",
    });
  const options = toGenerateOptions(body);
  const dialogue = messages == null ? [{ role: "user", content: question! }] : toMessages(messages);
  if (documents != null) {
    const given = parseDocuments(documents);
    const answerer = await answererOf(model, "answerWithQuotes");
    return (signal) => documentsChoice(answerer, dialogue, given, { ...options, signal });
  }
  const name = collection ?? parts.collection ?? DEFAULT_COLLECTION;
  // Where there is none, it is told before the answer begins.
  parts.corpora.collection(name);
  const filter = body.filter ? toChunkFilter(body.filter) : undefined;
  return (signal) =>
    collectionChoice(parts.corpora, { name, filter }, model, dialogue, { ...options, signal });
}

async function* events(choice: AsyncIterable<ChoiceEvent>, model: string): AsyncGenerator<ServerEvent> {
  for await (const event of choice)
    if (event.type === "hits")
      yield { event: "hits", data: { query: event.query, hits: event.hits.map(hitJson) } };
    else if (event.type === "relevant") {
      const { relevantDocIds, relevance } = event;
      const data = { relevant_doc_ids: relevantDocIds, relevance: Object.fromEntries(relevance) };
      yield { event: "relevant", data };
    } else if (event.type === "text") yield { event: "text", data: { text: event.text } };
    else yield { event: "done", data: done(event, model) };
}

function done({ answer, finishReason }: ChoiceEvent & { type: "end" }, model: string): object {
  const facts = { model, finish_reason: finishReason };
  if (answer && "hits" in answer) return { ...facts, ...corpusAnswerJson(answer) };
  return { ...facts, ...answerJson(answer!) };
}
