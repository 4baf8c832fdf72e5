/** A question and what has come of it so far; events of the server change it. */
import type { Failure } from "../api/client.ts";
import type { AskAnswer, Citation, Hit } from "../api/wire.ts";

/**
 * `searching`, `choosing` (hits are there), `answering` are under way; the others are ends. `broken`: the connection was
 * lost, `failed`: the server refused.
 */
export type TurnState = "searching" | "choosing" | "answering" | "done" | "stopped" | "broken" | "failed";

export interface Turn {
  id: string;
  question: string;
  /** null: asked without documents. */
  collection: string | null;
  /** Asked again with the same one, the same answer comes: so a broken one goes on. */
  seed: number;
  state: TurnState;
  hits: Hit[];
  relevantIds: number[];
  /** By document id. */
  relevance: Record<string, number>;
  text: string;
  citations: Citation[];
  isCut: boolean;
  /** Who answered; "quotes" where no model did. */
  model?: string;
  problem?: { failure: Failure; message: string; retryAfterSeconds?: number };
}

export function newTurn(question: string, collection: string | null, seed: number): Turn {
  return {
    id: crypto.randomUUID(),
    question,
    collection,
    seed,
    state: collection === null ? "answering" : "searching",
    hits: [],
    relevantIds: [],
    relevance: {},
    text: "",
    citations: [],
    isCut: false,
  };
}

export type TurnEvent =
  | { event: "hits"; data: { query: string; hits: Hit[] } }
  | { event: "relevant"; data: { relevant_doc_ids: number[]; relevance: Record<string, number> } }
  | { event: "text"; data: { text: string } }
  | { event: "done"; data: AskAnswer };

export const isUnderWay = ({ state }: Turn) =>
  state === "searching" || state === "choosing" || state === "answering";

/** Documents were read, and none of them answers. */
export const isRefusal = (turn: Turn) =>
  turn.collection !== null && turn.state === "done" && turn.relevantIds.length === 0;

/** Events that it does not know change nothing: a newer server may send them. */
export function applyEvent(turn: Turn, { event, data }: TurnEvent): Turn {
  switch (event) {
    case "hits":
      return { ...turn, state: "choosing", hits: data.hits };
    case "relevant":
      return { ...turn, state: "answering", relevantIds: data.relevant_doc_ids, relevance: data.relevance };
    case "text":
      return { ...turn, state: "answering", text: turn.text + data.text };
    case "done":
      return {
        ...turn,
        state: data.finish_reason === "aborted" ? "stopped" : "done",
        hits: data.hits ?? turn.hits,
        relevantIds: data.relevant_doc_ids,
        relevance: data.relevance,
        text: data.answer,
        citations: data.citations,
        isCut: data.finish_reason === "length",
        ...(data.model !== undefined && { model: data.model }),
      };
    default:
      return turn;
  }
}

/** The documents that were read, likeliest first; those that say nothing of their relevance, by their rank. */
export function ranked({ hits, relevance }: Pick<Turn, "hits" | "relevance">): Hit[] {
  const of = (hit: Hit) => relevance[hit.doc_id] ?? -1;
  return [...hits].sort((a, b) => of(b) - of(a) || a.rank - b.rank);
}

/** The hits that are still needed once the answer is there: what it rests on, or else what came nearest. */
export function keptHits(turn: Turn, nearest = 3): Hit[] {
  const needed = new Set(turn.relevantIds);
  for (const { sources } of turn.citations) for (const { doc_id } of sources) needed.add(doc_id);
  if (needed.size === 0) for (const { doc_id } of ranked(turn).slice(0, nearest)) needed.add(doc_id);
  return turn.hits.filter(({ doc_id }) => needed.has(doc_id));
}
