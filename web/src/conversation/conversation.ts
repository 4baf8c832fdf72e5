/** A conversation, and how one is read back from what a browser kept: anything may stand there. */
import type { ChatMessage, Citation, CitationSource, Hit, Place } from "../api/wire.ts";
import { isUnderWay, type Turn, type TurnState } from "./turn.ts";

export interface Conversation {
  id: string;
  /** Milliseconds since 1970. */
  updated: number;
  turns: Turn[];
}

export const newConversation = (): Conversation => ({
  id: crypto.randomUUID(),
  updated: Date.now(),
  turns: [],
});

const MAX_TITLE = 80;

/** Its first question. */
export function titleOf({ turns }: Conversation): string {
  const question = (turns[0]?.question ?? "").replace(/\s+/g, " ").trim();
  return question.length > MAX_TITLE ? `${question.slice(0, MAX_TITLE - 1)}…` : question;
}

/** Earlier questions and answers, as a model is told of them: follow-up questions refer to the last few. */
export function messagesBefore(turns: readonly Turn[], most = 6): ChatMessage[] {
  return turns
    .filter(({ state, text }) => state === "done" && text !== "")
    .slice(-most)
    .flatMap(({ question, text }) => [
      { role: "user" as const, content: question },
      { role: "assistant" as const, content: text },
    ]);
}

/** `undefined` for what is no conversation; turns that are none are left out. */
export function readConversation(json: string): Conversation | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!isObject(value) || typeof value.id !== "string" || !isNumber(value.updated)) return undefined;
  const turns = list(value.turns, readTurn);
  return turns.length === 0 ? undefined : { id: value.id, updated: value.updated, turns };
}

const STATES: readonly string[] = [
  "searching",
  "choosing",
  "answering",
  "done",
  "stopped",
  "broken",
  "failed",
];

function readTurn(value: unknown): Turn | undefined {
  if (!isObject(value)) return undefined;
  const { id, question, collection, seed, state, text, model } = value;
  if (typeof id !== "string" || typeof question !== "string" || typeof text !== "string") return undefined;
  if (typeof state !== "string" || !STATES.includes(state)) return undefined;
  const turn: Turn = {
    id,
    question,
    collection: typeof collection === "string" ? collection : null,
    seed: isNumber(seed) ? seed : 0,
    state: state as TurnState,
    hits: list(value.hits, readHit),
    relevantIds: list(value.relevantIds, (n) => (isNumber(n) ? n : undefined)),
    relevance: isObject(value.relevance)
      ? Object.fromEntries(
          Object.entries(value.relevance).filter(([, p]) => isNumber(p)) as [string, number][],
        )
      : {},
    text,
    citations: list(value.citations, readCitation),
    isCut: value.isCut === true,
    ...(typeof model === "string" && { model }),
  };
  // The page was closed while it was answered.
  return isUnderWay(turn) ? { ...turn, state: "broken" } : turn;
}

function readHit(value: unknown): Hit | undefined {
  if (!isObject(value)) return undefined;
  const { doc_id, document, source, title, format, page, start, end, text, score, rank } = value;
  if (![doc_id, start, end, score, rank].every(isNumber)) return undefined;
  if (![document, source, format, text].every((item) => typeof item === "string")) return undefined;
  return {
    ...({ doc_id, document, source, format, start, end, text, score, rank } as Omit<Hit, "title" | "page">),
    title: typeof title === "string" ? title : null,
    ...(isNumber(page) && { page }),
  };
}

function readCitation(value: unknown): Citation | undefined {
  if (!isObject(value) || !isNumber(value.start) || !isNumber(value.end)) return undefined;
  const { start, end, text } = value;
  return { start, end, text: typeof text === "string" ? text : "", sources: list(value.sources, readSource) };
}

function readSource(value: unknown): CitationSource | undefined {
  if (!isObject(value) || ![value.doc_id, value.start, value.end].every(isNumber)) return undefined;
  const { doc_id, start, end } = value as { doc_id: number; start: number; end: number };
  const file = readPlace(value.file);
  return { doc_id, start, end, ...(file && { file }) };
}

function readPlace(value: unknown): Place | undefined {
  if (!isObject(value) || typeof value.source !== "string") return undefined;
  if (!isNumber(value.start) || !isNumber(value.end)) return undefined;
  const { source, start, end, page } = value;
  return { source, start, end, ...(isNumber(page) && { page }) };
}

function list<T>(value: unknown, read: (item: unknown) => T | undefined): T[] {
  return Array.isArray(value) ? value.map(read).filter((item) => item !== undefined) : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
