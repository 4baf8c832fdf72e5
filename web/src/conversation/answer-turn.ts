/** A turn without an answer in, the turn as it becomes, again and again, out; the last one has ended. */
import { RequestFailed } from "../api/client.ts";
import { ask, chat, type Sampling } from "../api/server.ts";
import type { ChatMessage } from "../api/wire.ts";
import { applyEvent, isUnderWay, type Turn, type TurnEvent } from "./turn.ts";

export interface AnswerOptions {
  before: readonly ChatMessage[];
  sampling: Sampling;
  /** Without documents: the system prompt, which may be empty, and who answers. */
  style: string;
  model: string;
  signal: AbortSignal;
}

export async function* answerTurn(turn: Turn, options: AnswerOptions): AsyncGenerator<Turn, void, undefined> {
  let current = turn;
  try {
    for await (const event of eventsOf(turn, options)) {
      current = applyEvent(current, event);
      yield current;
    }
    if (isUnderWay(current)) throw new RequestFailed("unreachable", "the stream has no end");
  } catch (error) {
    yield ended(current, error, options.signal.aborted);
  }
}

/** What was there when the connection broke stays, as long as the same answer comes again. */
export async function* continueTurn(
  broken: Turn,
  options: AnswerOptions,
): AsyncGenerator<Turn, void, undefined> {
  const { problem: _, ...kept } = broken;
  const fresh: Turn = {
    ...kept,
    state: broken.collection === null ? "answering" : "searching",
    text: "",
    citations: [],
  };
  for await (const turn of answerTurn(fresh, options)) {
    const isBehind = turn.text.length < kept.text.length && kept.text.startsWith(turn.text);
    if (!isBehind || turn.state === "done") yield turn;
    else yield { ...turn, hits: turn.hits.length > 0 ? turn.hits : kept.hits, text: kept.text };
  }
}

async function* eventsOf(turn: Turn, options: AnswerOptions): AsyncGenerator<TurnEvent> {
  const { before, sampling, style, model, signal } = options;
  const messages = [...before, { role: "user" as const, content: turn.question }];
  const request = { ...sampling, seed: turn.seed, messages };
  if (turn.collection !== null) {
    yield* ask({ ...request, collection: turn.collection }, signal) as AsyncGenerator<TurnEvent>;
    return;
  }
  if (style.trim() !== "") request.messages.unshift({ role: "system", content: style });
  let answer = "";
  for await (const { data } of chat({ ...request, model }, signal)) {
    const choice = (data as ChatChunk).choices?.[0];
    const text = choice?.delta?.content ?? "";
    answer += text;
    if (text !== "") yield { event: "text", data: { text } };
    if (choice?.finish_reason)
      yield {
        event: "done",
        data: {
          relevant_doc_ids: [],
          relevance: {},
          answer,
          citations: [],
          finish_reason: choice.finish_reason === "length" ? "length" : "stop",
          model,
        },
      };
  }
}

interface ChatChunk {
  choices?: { delta?: { content?: string | null }; finish_reason?: string | null }[];
}

function ended(turn: Turn, error: unknown, isStopped: boolean): Turn {
  if (isStopped) return { ...turn, state: "stopped" };
  const { failure, message, retryAfterSeconds } =
    error instanceof RequestFailed ? error : new RequestFailed("server", (error as Error).message);
  const problem = { failure, message, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  return { ...turn, state: failure === "unreachable" ? "broken" : "failed", problem };
}
