/**
 * The text of the protocol's first step, `{"relevant_doc_ids": [0, 1]}`: spelled, as a grammar that admits nothing
 * else, and parsed back. What the ids stand for is not known here.
 */
import { VikhrError } from "../errors.ts";

/** Enough for any reply that is worth reading; the rest of a chatty one is not looked at. */
const MAX_REPLY_CHARACTERS = 4096;
const EXCERPT_CHARACTERS = 120;

export function spellSelection(ids: readonly number[]): string {
  return `{"relevant_doc_ids": [${ids.join(", ")}]}`;
}

/**
 * GBNF for the spelling of every subset of `ids`, ascending and without repeats: 2^n texts from 2n + 2 short rules.
 * `first-k` chooses the first id among those from k on, `more-k` whether another follows.
 */
export function relevantIdsGrammar(ids: readonly number[]): string {
  const sorted = [...new Set(ids)].sort((a, b) => a - b);
  const rules = sorted.flatMap((id, k) => [
    `first-${k} ::= "${id}" more-${k + 1} | first-${k + 1}`,
    `more-${k} ::= ", ${id}" more-${k + 1} | more-${k + 1}`,
  ]);
  const end = sorted.length;
  return [
    `root ::= "{\\"relevant_doc_ids\\": [" first-0 "]}"`,
    ...rules,
    `first-${end} ::= ""`,
    `more-${end} ::= ""`,
    "",
  ].join("\n");
}

/**
 * The ids of a reply, ascending, each once. Servers without grammars may wrap the object in other text, which is
 * passed over; ids that were not supplied, or no such object at all, are an error that shows what came back.
 */
export function parseSelection(reply: string, ids: readonly number[]): number[] {
  const text = reply.slice(0, MAX_REPLY_CHARACTERS);
  const found = /\{\s*"relevant_doc_ids"\s*:\s*(\[[^[\]{}]*\])\s*\}/.exec(text);
  const picked = found === null ? undefined : parseJson(found[1]!);
  if (!Array.isArray(picked))
    throw replyError(reply, 'with something other than {"relevant_doc_ids": [...]}');
  const strange = picked.find((id) => !ids.includes(id));
  if (strange !== undefined) throw replyError(reply, `with an id that is not among ${ids.join(", ")}`);
  return ids.filter((id) => picked.includes(id)).sort((a, b) => a - b);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function replyError(reply: string, how: string): VikhrError {
  const cut = reply.length > EXCERPT_CHARACTERS ? "..." : "";
  const shown = JSON.stringify(reply.slice(0, EXCERPT_CHARACTERS)) + cut;
  return new VikhrError(
    `the model answered the question about relevant documents ${how}: ${shown}; use a Vikhr model, and a server that takes a grammar`,
  );
}
