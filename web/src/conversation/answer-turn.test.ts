/** A turn from its question to its end, whatever the server does. */
import { afterEach, expect, test } from "vitest";
import { type AnswerOptions, answerTurn, continueTurn } from "./answer-turn.ts";
import { newTurn, type Turn } from "./turn.ts";

const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
});
// The key of the API is kept there.
globalThis.sessionStorage ??= { getItem: () => null } as unknown as Storage;

const sse = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

function serve(body: string | (() => Promise<Response>), status = 200): Request[] {
  const requests: Request[] = [];
  globalThis.fetch = async (input, init) => {
    requests.push(new Request(new URL(String(input), "http://server"), init));
    return typeof body === "string" ? new Response(body, { status }) : body();
  };
  return requests;
}

const options = (changes: Partial<AnswerOptions> = {}): AnswerOptions => ({
  before: [],
  sampling: { temperature: 0.2 },
  style: "",
  model: "nano",
  signal: new AbortController().signal,
  ...changes,
});

async function all(turns: AsyncIterable<Turn>): Promise<Turn[]> {
  const list: Turn[] = [];
  for await (const turn of turns) list.push(turn);
  return list;
}

const relevant = sse("relevant", { relevant_doc_ids: [0], relevance: { 0: 0.9 } });
const done = (answer: string) =>
  sse("done", {
    relevant_doc_ids: [0],
    relevance: { 0: 0.9 },
    answer,
    citations: [],
    finish_reason: "stop",
    model: "nano",
  });
const hits = sse("hits", { query: "q", hits: [] });
const text = (piece: string) => sse("text", { text: piece });

test("from documents: it searches, chooses, answers, is done", async () => {
  const requests = serve(hits + relevant + text("One ") + sse("news", {}) + text("two") + done("One two"));
  const turns = await all(answerTurn(newTurn("q", "papers", 7), options()));
  expect(turns.map(({ state, text: answer }) => [state, answer])).toEqual([
    ["choosing", ""],
    ["answering", ""],
    ["answering", "One "],
    ["answering", "One "],
    ["answering", "One two"],
    ["done", "One two"],
  ]);
  expect(new URL(requests[0]!.url).pathname).toBe("/v1/ask");
  expect(await requests[0]!.json()).toEqual({
    temperature: 0.2,
    seed: 7,
    messages: [{ role: "user", content: "q" }],
    collection: "papers",
    stream: true,
  });
});

test("without documents: the style goes before all", async () => {
  const chunk = (content: string, finish: string | null) =>
    `data: ${JSON.stringify({ choices: [{ delta: { content }, finish_reason: finish }] })}\n\n`;
  const requests = serve(`${chunk("Hel", null)}${chunk("lo", null)}${chunk("", "length")}data: [DONE]\n\n`);
  const before = [
    { role: "user" as const, content: "a" },
    { role: "assistant" as const, content: "b" },
  ];
  const turns = await all(answerTurn(newTurn("q", null, 1), options({ style: "Be brief.", before })));
  expect(turns.at(-1)).toMatchObject({ state: "done", text: "Hello", isCut: true, model: "nano" });
  const { messages } = (await requests[0]!.json()) as { messages: { role: string }[] };
  expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
});

test("a stream that ends in the middle leaves what was there", async () => {
  serve(hits + relevant + text("One "));
  const turns = await all(answerTurn(newTurn("q", "c", 1), options()));
  expect(turns.at(-1)).toMatchObject({ state: "broken", text: "One ", relevantIds: [0] });
});

test("going on keeps what was there while the same comes again, and then follows", async () => {
  serve(hits + relevant + text("One ") + text("two ") + text("three") + done("One two three"));
  const broken: Turn = { ...newTurn("q", "c", 1), state: "broken", text: "One two", relevantIds: [0] };
  const turns = await all(continueTurn(broken, options()));
  expect(turns.map(({ text: answer }) => answer)).toEqual([
    "One two",
    "One two",
    "One two",
    "One two ",
    "One two three",
    "One two three",
  ]);
  expect(turns.at(-1)!.state).toBe("done");
});

test("going on to another answer drops the old one", async () => {
  serve(hits + relevant + text("Two") + done("Two"));
  const broken: Turn = { ...newTurn("q", "c", 1), state: "broken", text: "One two" };
  expect((await all(continueTurn(broken, options()))).at(-1)).toMatchObject({ state: "done", text: "Two" });
});

test.each([
  [429, { error: { message: "busy" } }, "busy"],
  [401, { error: { message: "key" } }, "unauthorized"],
  [400, { error: { message: "long", code: "context_length_exceeded" } }, "too-long"],
  [404, { error: { message: "gone" } }, "refused"],
  [500, "no JSON", "server"],
])("%d is told as %j", async (status, body, failure) => {
  serve(typeof body === "string" ? body : JSON.stringify(body), status);
  const [last] = await all(answerTurn(newTurn("q", "c", 1), options()));
  expect(last).toMatchObject({ state: "failed", problem: { failure } });
});

test("an error in the stream, a server that is not there, a person who stops", async () => {
  serve(hits + sse("error", { error: { message: "lost" } }));
  const failed = await all(answerTurn(newTurn("q", "c", 1), options()));
  expect(failed.at(-1)).toMatchObject({ state: "failed", problem: { message: "lost" } });

  serve(() => Promise.reject(new TypeError("fetch failed")));
  const broken = await all(answerTurn(newTurn("q", "c", 1), options()));
  expect(broken.at(-1)).toMatchObject({ state: "broken" });

  const controller = new AbortController();
  serve(() => {
    controller.abort();
    return Promise.reject(new DOMException("", "AbortError"));
  });
  const stopped = await all(answerTurn(newTurn("q", "c", 1), options({ signal: controller.signal })));
  expect(stopped).toMatchObject([{ state: "stopped" }]);
});
