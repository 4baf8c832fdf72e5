/** A conversation -> a file for people (Markdown) or for programs (JSON). */

import { numberSources } from "../answer/number-sources.ts";
import type { Citation, Hit } from "../api/wire.ts";
import { type Conversation, titleOf } from "./conversation.ts";
import type { Turn } from "./turn.ts";

export interface ExportLabels {
  sources: string;
  page: (page: number) => string;
  unsupported: string;
}

export function toMarkdown(conversation: Conversation, labels: ExportLabels): string {
  const { turns } = conversation;
  return `${[`# ${line(titleOf(conversation))}`, ...turns.map((turn) => turnMarkdown(turn, labels))].join("\n\n")}\n`;
}

export function toJson(conversations: readonly Conversation[]): string {
  return `${JSON.stringify({ version: 1, conversations }, null, 2)}\n`;
}

function turnMarkdown(turn: Turn, labels: ExportLabels): string {
  const { sources, numbersOf } = numberSources(turn.citations, turn.hits);
  const parts = [`## ${line(turn.question)}`];
  if (turn.text !== "") parts.push(withNumbers(turn.text, turn.citations, numbersOf, labels));
  if (sources.length > 0) {
    const lines = sources.map(({ hit, source, excerpt }, i) => {
      const { page } = source.file ?? hit;
      const where = page === undefined ? hit.source : `${hit.source}, ${labels.page(page)}`;
      return `${i + 1}. ${nameOf(hit)} — ${line(where)}\n   > ${line(excerpt)}`;
    });
    parts.push(`**${labels.sources}**\n\n${lines.join("\n")}`);
  }
  return parts.join("\n\n");
}

function nameOf({ title, source }: Hit): string {
  return line(title ?? source.split(/[\\/]/).at(-1) ?? source);
}

function withNumbers(
  text: string,
  citations: readonly Citation[],
  numbersOf: ReadonlyMap<Citation, number[]>,
  { unsupported }: ExportLabels,
): string {
  let out = "";
  let at = 0;
  for (const citation of citations) {
    const end = Math.min(Math.max(citation.end, at), text.length);
    const numbers = numbersOf.get(citation) ?? [];
    const mark = citation.sources.length === 0 ? `[${unsupported}]` : numbers.map((n) => `[${n}]`).join("");
    out += mark === "" ? text.slice(at, end) : `${text.slice(at, end)} ${mark}`;
    at = end;
  }
  return out + text.slice(at);
}

const line = (text: string) => text.replace(/\s+/g, " ").trim();
