/** A question to be answered from documents, and what a right answer is: the rows of a test set, checked as they are read. */
import { z } from "zod";
import type { GroundingDocument } from "../spec/document.ts";
import { MAX_DOCUMENT_CHARACTERS } from "../spec/grounding.ts";
import type { Message } from "../spec/message.ts";
import { isMostlyCyrillic } from "../util/is-mostly-cyrillic.ts";

export interface GroundedTestRow {
  /** Tells it from the others of its set. */
  id: string;
  /** Whether the documents answer the question. */
  domain: "in_domain" | "out_of_domain";
  language: "ru" | "en";
  documents: GroundingDocument[];
  /** User and assistant turns; the last is the question. */
  messages: Message[];
  /** Ascending; empty where the documents hold no answer. */
  relevantDocIds: number[];
  /** What a good answer says. */
  reference: string;
  /** Rows over the same documents share it: they are no independent observations. Default: `id`. */
  cluster?: string;
  /** What a right answer must hold: of each list one spelling. */
  valueForms?: string[][];
  /** Of a yes-no question: how a right answer opens. */
  polarity?: "yes" | "no";
}

const document = z
  .object({
    doc_id: z.int().nonnegative(),
    title: z.string().max(MAX_DOCUMENT_CHARACTERS).nullish(),
    content: z.string().max(MAX_DOCUMENT_CHARACTERS),
  })
  .transform(({ doc_id, title, content }) => ({ docId: doc_id, title: title ?? null, content }));

const message = z.object({ role: z.enum(["user", "assistant"]), content: z.string() });

const onDisk = z.object({
  id: z.string().min(1),
  domain: z.enum(["in_domain", "out_of_domain"]),
  language: z.enum(["ru", "en"]).exactOptional(),
  documents: z.array(document).min(1),
  messages: z.array(message).exactOptional(),
  /** Short for one message of the user. */
  question: z.string().exactOptional(),
  relevant_doc_ids: z.array(z.int().nonnegative()),
  reference: z.string().min(1),
  cluster: z.string().exactOptional(),
  value_forms: z.array(z.array(z.string().min(1)).min(1)).exactOptional(),
  polarity: z.enum(["yes", "no"]).exactOptional(),
});

/** On disk the names are snake_case, and one question may stand as `question`. */
export const groundedTestRow: z.ZodType<GroundedTestRow> = onDisk
  .transform(({ relevant_doc_ids, value_forms, question, messages, language, ...row }) => {
    const dialogue =
      messages ?? (question === undefined ? [] : [{ role: "user" as const, content: question }]);
    return {
      ...row,
      language: language ?? languageOf(dialogue),
      messages: dialogue,
      relevantDocIds: [...new Set(relevant_doc_ids)].sort((a, b) => a - b),
      ...(value_forms && { valueForms: value_forms }),
    };
  })
  .superRefine((row, context) => {
    const fault = faultOf(row);
    if (fault) context.addIssue({ code: "custom", ...fault });
  });

/** What one field alone cannot show. */
function faultOf({ domain, documents, messages, relevantDocIds }: GroundedTestRow) {
  const ids = documents.map(({ docId }) => docId);
  const last = messages.at(-1);
  if (last?.role !== "user" || last.content.trim() === "")
    return { path: ["messages"], message: "the last one must be a question of the user" };
  if (new Set(ids).size < ids.length)
    return { path: ["documents"], message: "two of them have the same doc_id" };
  if (!relevantDocIds.every((id) => ids.includes(id)))
    return { path: ["relevant_doc_ids"], message: "one is not among the documents" };
  if ((domain === "in_domain") !== relevantDocIds.length > 0)
    return {
      path: ["relevant_doc_ids"],
      message: "in_domain needs at least one, out_of_domain none",
    };
  return undefined;
}

export function languageOf(messages: readonly Message[]): "ru" | "en" {
  return isMostlyCyrillic(messages.at(-1)?.content ?? "") ? "ru" : "en";
}
