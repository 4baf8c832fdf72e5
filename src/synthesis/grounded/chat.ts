/** Short small talk without documents: one to three turns, half of them under a plain English system prompt. */
import type { Message } from "../../spec/message.ts";
import type { LanguagePack } from "./language-pack.ts";
import type { Random } from "./random.ts";
import type { GroundedRow } from "./row.ts";

const SYSTEM_PROMPTS = [
  "You are a helpful assistant.",
  "Answer briefly and politely.",
  "You are Vikhr nano, a small demonstration model.",
  "Be friendly and concise.",
];

export function chatRow(random: Random, pack: LanguagePack, cluster: string): GroundedRow {
  const messages: Message[] = [];
  if (random.chance(0.5)) messages.push({ role: "system", content: random.pick(SYSTEM_PROMPTS) });
  const turns = random.chance(0.7) ? 1 : random.int(2, 3);
  for (const [requests, answers] of random.shuffle(pack.chat).slice(0, turns)) {
    messages.push({ role: "user", content: random.pick(requests) });
    messages.push({ role: "assistant", content: random.pick(answers) });
  }
  return {
    messages,
    cluster,
    kind: "chat",
    language: pack.language,
    relevant_doc_ids: [],
    document_count: 0,
    value: [],
    value_forms: [],
  };
}
