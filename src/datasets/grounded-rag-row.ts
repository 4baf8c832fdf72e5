/**
 * A dialogue as Grounded-RAG-RU-v2 has it (`conversation` of system, documents, user and assistant turns, the last two the
 * ids and the answer) in, a row of a test set out.
 */
import { z } from "zod";
import type { GroundingDocument } from "../spec/document.ts";
import { MAX_DOCUMENT_CHARACTERS } from "../spec/grounding.ts";
import type { Message } from "../spec/message.ts";
import { type GroundedTestRow, languageOf } from "./grounded-test-row.ts";

const turns = z.array(z.object({ role: z.string(), content: z.string() }));

const row = z.object({
  id: z.union([z.string(), z.number(), z.bigint()]).nullish(),
  cluster: z.union([z.string(), z.number(), z.bigint()]).nullish(),
  /** `good`, or a word for out of domain. */
  type: z.string().nullish(),
  conversation: z.union([z.string(), turns]),
});

const documents = z
  .array(
    z.object({
      doc_id: z.int().nonnegative(),
      title: z.string().nullish(),
      content: z.string(),
    }),
  )
  .min(1);

const selection = z.object({ relevant_doc_ids: z.array(z.int().nonnegative()) });

const OUT_OF_DOMAIN = /^(?:ood|out[\s_-]?of[\s_-]?domain)$/i;

export class RowFault extends Error {}

/** Throws RowFault. `number` from 1 names a row that has no id; texts beyond what a document may hold are cut. */
export function groundedRagRow(value: unknown, number: number): GroundedTestRow {
  const { id, cluster, type, conversation } = checked(row, value, "row");
  const dialogue =
    typeof conversation === "string"
      ? checked(turns, fromJson(conversation, "conversation"), "conversation")
      : conversation;
  const [selected, answer] = dialogue.slice(-2);
  if (selected?.role !== "assistant" || answer?.role !== "assistant")
    throw new RowFault("conversation: it does not end with two assistant turns");
  const given = dialogue.filter(({ role }) => role === "documents");
  if (given.length !== 1)
    throw new RowFault(`conversation: ${given.length} turns of the role documents, and one is needed`);
  const relevant = idsOf(selected.content);
  if (!relevant) throw new RowFault('conversation: the last turn but one is no {"relevant_doc_ids": [...]}');
  const messages = seen(dialogue.slice(0, -2));
  const asked = messages.at(-1);
  if (asked?.role !== "user" || asked.content.trim() === "")
    throw new RowFault("conversation: no question before the last two turns");
  const shown = checked(documents, fromJson(given[0]!.content, "documents"), "documents");
  const ids = shown.map((document) => document.doc_id);
  if (new Set(ids).size < ids.length) throw new RowFault("documents: two of them have the same doc_id");
  if (!relevant.every((one) => ids.includes(one)))
    throw new RowFault("relevant_doc_ids: one is not among the documents");
  if (OUT_OF_DOMAIN.test(type ?? "") && relevant.length > 0)
    throw new RowFault(`type: ${type}, and yet some documents are relevant`);
  return {
    id: String(id ?? number),
    domain: relevant.length > 0 ? "in_domain" : "out_of_domain",
    language: languageOf(messages),
    documents: shown.map(toDocument),
    messages,
    relevantDocIds: relevant,
    reference: answer.content,
    ...(cluster != null && { cluster: String(cluster) }),
  };
}

/** The dialogue as people saw it: without earlier selections, which may have meant other documents. */
function seen(dialogue: readonly Message[]): Message[] {
  return dialogue.filter(
    ({ role, content }, at) =>
      role === "user" ||
      (role === "assistant" && !(dialogue[at + 1]?.role === "assistant" && idsOf(content) !== undefined)),
  );
}

function idsOf(text: string): number[] | undefined {
  try {
    const ids = selection.safeParse(JSON.parse(text)).data?.relevant_doc_ids;
    return ids && [...new Set(ids)].sort((a, b) => a - b);
  } catch {
    return undefined;
  }
}

function toDocument({ doc_id, title, content }: z.infer<typeof documents>[number]): GroundingDocument {
  return {
    docId: doc_id,
    title: title?.slice(0, MAX_DOCUMENT_CHARACTERS) ?? null,
    content: content.slice(0, MAX_DOCUMENT_CHARACTERS),
  };
}

function fromJson(text: string, field: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RowFault(`${field}: not JSON: ${(cause as Error).message}`);
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown, field: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new RowFault(`${[field, ...issue.path].join(".")}: ${issue.message}`);
}
