/**
 * The benchmark's second protocol, for models that know no `documents` role: documents and question in one message of the
 * user, the ids asked for as a line of JSON before the answer.
 */
import type { GroundedTestRow } from "../../datasets/grounded-test-row.ts";
import type { Message } from "../../spec/message.ts";

/** With `{documents}` and `{question}` in their places; the words are ours. */
export const SINGLE_PROMPT = `Answer the question from the documents below, and from nothing else.

{documents}

Question: {question}

Begin with one line of JSON that lists the ids of the documents which answer the question, like {"relevant_doc_ids": [0, 1]}, or {"relevant_doc_ids": []} if none does. On the next line write the answer, in the language of the question. If no document answers, say there that the documents hold no answer.`;

export function singlePrompt({ documents, messages }: GroundedTestRow): Message[] {
  const shown = documents
    .map(({ docId, title, content }) => {
      const heading = title === null ? "" : `Title: ${title}\n`;
      return `<document id="${docId}">\n${heading}${content}\n</document>`;
    })
    .join("\n\n");
  const question = messages.at(-1)!.content;
  const content = SINGLE_PROMPT.replace(/\{(documents|question)\}/g, (_, name) =>
    name === "documents" ? shown : question,
  );
  return [...messages.slice(0, -1), { role: "user", content }];
}

/** The JSON wherever it stands, alone in a block of code too. */
const SELECTION =
  /(?:```(?:json)?\s*)?\{\s*"relevant_doc_ids"\s*:\s*\[\s*((?:\d+\s*,\s*)*\d+)?\s*\]\s*\}(?:\s*```)?/;

/** `ids` as they were written, also those of no document; null where the reply names none. */
export function readSingleReply(reply: string): { ids: number[] | null; answer: string } {
  const found = SELECTION.exec(reply);
  if (!found) return { ids: null, answer: reply.trim() };
  const ids = found[1]?.split(",").map(Number) ?? [];
  const answer = `${reply.slice(0, found.index)}${reply.slice(found.index + found[0].length)}`.trim();
  return { ids: [...new Set(ids)].sort((a, b) => a - b), answer };
}
