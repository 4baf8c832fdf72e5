/** Clients of /v1/chat/completions over HTTP, whatever server answers: streams, read as they come. */
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { createInterface } from "node:readline";

export interface Answer {
  status: number;
  text: string;
  /** Ids of the chunks: one, unless streams were mixed. */
  ids: Set<string>;
  tokens: number;
  finishReason: string | null;
  /** Milliseconds from asking to the first byte, and to the first text. */
  firstByte: number;
  firstText: number;
}

/** A connection for each client, kept as browsers keep theirs. */
export const newAgent = (connections: number) => new Agent({ keepAlive: true, maxSockets: connections });

/** `agent`: false for a connection of its own, since llama-server closes those that it keeps whenever it likes. */
export async function chat(base: string, body: object, agent: Agent | false): Promise<Answer> {
  const asked = performance.now();
  const outgoing = request(`${base}/v1/chat/completions`, {
    method: "POST",
    agent,
    headers: { "content-type": "application/json" },
  });
  outgoing.end(JSON.stringify({ ...body, stream: true }));
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  const answer: Answer = {
    status: response.statusCode!,
    text: "",
    ids: new Set(),
    tokens: 0,
    finishReason: null,
    firstByte: performance.now() - asked,
    firstText: Number.NaN,
  };
  for await (const line of createInterface({ input: response })) {
    if (!line.startsWith("data: {")) continue;
    const chunk = JSON.parse(line.slice(6)) as {
      id: string;
      choices: { delta: { content?: string | null }; finish_reason: string | null }[];
    };
    answer.ids.add(chunk.id);
    const [choice] = chunk.choices;
    if (!choice) continue;
    if (choice.delta.content) {
      if (answer.tokens === 0) answer.firstText = performance.now() - asked;
      answer.tokens++;
      answer.text += choice.delta.content;
    }
    answer.finishReason = choice.finish_reason ?? answer.finishReason;
  }
  return answer;
}
