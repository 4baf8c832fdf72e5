/** `/v1/responses`: what a request holds, and the shapes of its answers. */
import { z } from "@hono/zod-openapi";
import type { CorpusAnswer } from "../../rag/answer.ts";
import { documentId } from "../../rag/document-id.ts";
import type { Usage } from "../../spec/language-model.ts";
import type { Message } from "../../spec/message.ts";
import { samplingFields } from "./sampling.ts";

const part = z.object({ type: z.enum(["input_text", "output_text", "text"]), text: z.string() });
const { temperature, top_p, seed, beams } = samplingFields;

export const responsesSchema = z
  .object({
    model: z.string().nullish(),
    input: z.union([
      z.string().min(1),
      z
        .array(
          z.object({
            role: z.enum(["user", "assistant", "system", "developer", "documents"]),
            content: z.union([z.string(), z.array(part)]),
          }),
        )
        .min(1)
        .max(10_000),
    ]),
    instructions: z.string().nullish().openapi({ description: "A system prompt: the style of the answer." }),
    max_output_tokens: z.int().min(1).nullish(),
    temperature,
    top_p,
    seed,
    beams,
    stream: z.boolean().nullish(),
    previous_response_id: z.null().optional().openapi({ description: "Nothing is kept: send the dialogue." }),
    tools: z
      .array(z.looseObject({ type: z.string(), vector_store_ids: z.array(z.string()).nullish() }))
      .nullish()
      .openapi({
        description:
          'One of type "file_search": the answer is given from the collection that `vector_store_ids` names. Others are passed over.',
      }),
    text: z
      .object({
        format: z
          .union([
            z.object({ type: z.literal("text") }),
            z.object({ type: z.literal("json_object") }),
            z.object({
              type: z.literal("json_schema"),
              name: z.string().nullish(),
              schema: z.record(z.string(), z.unknown()),
            }),
          ])
          .nullish(),
      })
      .nullish(),
    documents: z.unknown().optional().openapi({ description: "As for /v1/chat/completions." }),
  })
  .openapi("ResponsesRequest");

export type ResponsesRequest = z.infer<typeof responsesSchema>;

export function responsesMessages({ input, instructions }: ResponsesRequest): Message[] {
  const items = typeof input === "string" ? [{ role: "user", content: input }] : input;
  const messages = items.map(({ role, content }) => ({
    role: role === "developer" ? "system" : role,
    content: typeof content === "string" ? content : content.map(({ text }) => text).join(""),
  }));
  return instructions ? [{ role: "system", content: instructions }, ...messages] : messages;
}

/** The collection of the first file search; undefined where there is none. */
export function searchedCollection({ tools }: ResponsesRequest): string | undefined {
  return tools?.find(({ type }) => type === "file_search")?.vector_store_ids?.[0];
}

/** A file citation for each place that supports a sentence, at the sentence's end, as OpenAI's clients expect it. */
export function fileCitations({ citations, hits }: CorpusAnswer): object[] {
  return citations.flatMap(({ start, end, sources }) =>
    sources.map((place) => {
      const { chunk } = hits[place.docId]!;
      return {
        type: "file_citation",
        index: end,
        file_id: documentId(chunk.source),
        filename: chunk.source.split(/[/\\]/).at(-1),
        /** Beyond OpenAI: the sentence, and its place in the file. */
        start,
        end,
        source: {
          path: chunk.source,
          ...(chunk.page !== undefined && { page: chunk.page }),
          start: chunk.start + place.start,
          end: chunk.start + place.end,
        },
      };
    }),
  );
}

export function responsesUsage({ promptTokens, completionTokens, reusedTokens }: Usage) {
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: reusedTokens },
    output_tokens: completionTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: promptTokens + completionTokens,
  };
}
