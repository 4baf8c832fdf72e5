/** Many clients that stream for a while, each answer known by a word that its neighbours do not have; and more than are taken, beside them. */
import { setTimeout } from "node:timers/promises";
import { percentile } from "../statistics.ts";
import { type Answer, chat, newAgent } from "./clients.ts";
import type { VikhrServer } from "./ours.ts";

export interface SoakFigures {
  answers: number;
  tokens: number;
  lost: number;
  mixed: number;
  /** Milliseconds to the first byte of the refusals that 95 % do not exceed, and how many there were. */
  refusal: number;
  refusals: number;
  /** Other than 200 and 429. */
  faults: number;
  /**
   * Resident bytes, the least in each half of the time: garbage is collected every half a minute or so, and between two
   * collections 100 MB come and go.
   */
  firstHalf: number;
  secondHalf: number;
}

/**
 * With these there are more than run and wait: they come after a part of the time, so many milliseconds apart. Before memory
 * is looked at, since each takes some.
 */
const MORE = { clients: 150, after: 0.05, apart: 5 };
/** What answers must say; of as many grammars the server remembers each. */
const MARKS = 61;

/** Milliseconds. */
const RETRY_AFTER = 1000;
const BETWEEN_SAMPLES = 250;

/** Of the time: what a server that has just begun takes is no measure. */
const WARM_UP = 0.1;

let asked = 0;

export async function soak(
  server: VikhrServer,
  { clients, seconds }: { clients: number; seconds: number },
): Promise<SoakFigures> {
  const figures = { answers: 0, tokens: 0, lost: 0, mixed: 0, faults: 0 };
  const waits: number[] = [];
  const agent = newAgent(clients + MORE.clients);
  const until = performance.now() + 1000 * seconds;
  /** What it must say stands in the grammar of the request alone: an answer of its neighbours cannot pass for it. */
  const ask = async () => {
    const mark = `m${++asked % MARKS}x`;
    const schema = {
      type: "object",
      properties: { mark: { const: mark } },
      required: ["mark"],
      additionalProperties: false,
    };
    const body = {
      messages: [{ role: "user", content: `Question ${asked}: what is the mark?` }],
      max_tokens: 40,
      temperature: 0,
      response_format: { type: "json_schema", json_schema: { name: "mark", schema } },
    };
    const answer = await chat(server.url, body, agent).catch(() => undefined);
    await count(answer, mark);
  };
  const count = async (answer: Answer | undefined, mark: string): Promise<void> => {
    if (answer?.status === 429) {
      waits.push(answer.firstByte);
      // As Retry-After says.
      return setTimeout(RETRY_AFTER);
    }
    if (answer && answer.status !== 200) return void figures.faults++;
    if (!answer || answer.finishReason === null) return void figures.lost++;
    figures.answers++;
    figures.tokens += answer.tokens;
    if (answer.ids.size !== 1 || !isOwn(answer, mark)) figures.mixed++;
  };
  const steady = Array.from({ length: clients }, async () => {
    while (performance.now() < until) await ask();
  });
  const more = Array.from({ length: MORE.clients }, async (_, i) => {
    await setTimeout(1000 * MORE.after * seconds + MORE.apart * i);
    while (performance.now() < until) await ask();
  });
  await setTimeout(1000 * WARM_UP * seconds);
  const firstHalf = await leastResident(server, until - 500 * seconds);
  const secondHalf = await leastResident(server, until);
  await Promise.all([...steady, ...more]);
  agent.destroy();
  return { ...figures, firstHalf, secondHalf, refusal: percentile(waits, 0.95), refusals: waits.length };
}

async function leastResident(server: VikhrServer, until: number): Promise<number> {
  let least = server.resident();
  while (performance.now() < until) {
    await setTimeout(BETWEEN_SAMPLES);
    least = Math.min(least, server.resident());
  }
  return least;
}

/** Whole, or as much of it as fitted. */
function isOwn({ text, finishReason }: Answer, mark: string): boolean {
  if (finishReason === "stop") return (JSON.parse(text) as { mark: string }).mark === mark;
  return `{"mark":"${mark}"}`.startsWith(text.replace(/\s/g, ""));
}
