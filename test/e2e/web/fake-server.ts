/**
 * The server's contract for the page, in memory: what it answers is written down beforehand, and it can be slow, busy,
 * locked, or break a stream. Serves the built page as the server does.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type ServerType, serve } from "@hono/node-server";
import { Hono } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { FAKE_OPENAPI } from "./fake-openapi.ts";

const DIST = resolve(import.meta.dirname, "../../../web/dist");

const CSP =
  "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'";

export interface FakeDocument {
  title: string | null;
  source: string;
  format: string;
  text: string;
  pageStarts?: number[];
  uploaded?: boolean;
  changed?: boolean;
}

/** A piece of an answer; with a quote of a document that stands in the collection, its source. */
export interface Sentence {
  text: string;
  /** What comes before it: spaces, marks of lists. */
  before?: string;
  quotes?: [title: string, quote: string][];
}

export interface Scripted {
  relevance: Record<string, number>;
  sentences: Sentence[];
}

export interface FakeState {
  model: string | null;
  isLocal: boolean;
  key: string | undefined;
  collections: Map<string, FakeDocument[]>;
  /** By question; others are refused. */
  answers: Map<string, Scripted>;
  /** Of answers without documents. */
  chatAnswer: string;
  models: { id: string; description: string; state: string; bytes: number; approximate_bytes: number }[];
  /** Milliseconds between events. */
  pause: number;
  /** Text events after which the next stream is cut; then it is forgotten. */
  breakAfter: number | undefined;
  isBusy: boolean;
  /** Bodies of what was asked. */
  asked: Record<string, unknown>[];
}

export interface RunningServer {
  url: string;
  close(): Promise<void>;
}

export interface FakeServer extends RunningServer {
  state: FakeState;
}

const idOf = ({ source }: FakeDocument) =>
  `doc_${createHash("sha256").update(source).digest("hex").slice(0, 24)}`;
const rest = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** `port` 0 takes one that is free. */
export async function startFakeServer(initial: Partial<FakeState> = {}, port = 0): Promise<FakeServer> {
  const state: FakeState = {
    model: "vikhr-8b",
    isLocal: true,
    key: undefined,
    collections: new Map([["default", []]]),
    answers: new Map(),
    chatAnswer: "Hello! I am **only a model**.",
    models: [
      { id: "nano", description: "small model", state: "ready", bytes: 2.2e6, approximate_bytes: 2.2e6 },
      {
        id: "vikhr-8b",
        description: "Vikhr-Llama3.1-8B",
        state: "absent",
        bytes: 0,
        approximate_bytes: 4.92e9,
      },
    ],
    pause: 1,
    breakAfter: undefined,
    isBusy: false,
    asked: [],
    ...initial,
  };
  const app = makeApp(state);
  let server!: ServerType;
  const address = await new Promise<{ port: number }>((done) => {
    server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, done);
  });
  return {
    state,
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}

function makeApp(state: FakeState): Hono {
  const app = new Hono();
  const failure = (message: string, code: string | null = null) => ({
    error: { message, type: "invalid_request_error", param: null, code },
  });
  const documentsOf = (collection = "default") => state.collections.get(collection);

  app.use("/v1/*", async (context, next) => {
    if (state.key !== undefined && context.req.header("authorization") !== `Bearer ${state.key}`)
      return context.json(failure("give a key"), 401);
    return next();
  });
  app.get("/health", (context) =>
    context.json({ status: "ok", version: "0.1.0", model: state.model, is_local: state.isLocal }),
  );
  app.get("/openapi.json", (context) => context.json(FAKE_OPENAPI));

  app.get("/v1/collections", (context) => {
    const data = [...state.collections].map(([id, documents]) => ({
      id,
      object: "collection",
      documents: documents.length,
      sources: ["/data/uploads", ...new Set(documents.flatMap(linkOf))],
      embedding: null,
    }));
    return context.json({ object: "list", data });
  });
  app.post("/v1/collections", async (context) => {
    const { name } = await context.req.json<{ name: string }>();
    if (state.collections.has(name)) return context.json(failure("it is there already"), 409);
    if (/\s/.test(name)) return context.json(failure(`"${name}" is no name for a collection`), 400);
    state.collections.set(name, []);
    return context.json({ id: name, object: "collection", documents: 0, sources: [], embedding: null }, 201);
  });
  app.delete("/v1/collections/:id", (context) => {
    const id = context.req.param("id");
    state.collections.delete(id);
    return context.json({ id, object: "collection.deleted", deleted: true });
  });

  app.get("/v1/documents", (context) => {
    const documents = documentsOf(context.req.query("collection"));
    if (!documents) return context.json(failure("there is no such collection"), 404);
    return context.json({ object: "list", data: documents.map(infoOf) });
  });
  app.get("/v1/documents/:id", (context) => {
    const document = find(context.req.query("collection"), context.req.param("id"));
    if (!document) return context.json(failure("there is no such document"), 404);
    const { text, pageStarts, changed } = document;
    return context.json({
      ...infoOf(document),
      text,
      page_starts: pageStarts ?? null,
      changed: changed ?? false,
    });
  });
  app.get("/v1/documents/:id/file", (context) =>
    context.text(find(context.req.query("collection"), context.req.param("id"))?.text ?? ""),
  );
  app.delete("/v1/documents/:id", (context) => {
    const documents = documentsOf(context.req.query("collection")) ?? [];
    const at = documents.findIndex((document) => idOf(document) === context.req.param("id"));
    if (at >= 0) documents.splice(at, 1);
    return context.json({ id: context.req.param("id"), object: "document.deleted", deleted: at >= 0 });
  });
  app.delete("/v1/documents", (context) => {
    const collection = context.req.query("collection") ?? "default";
    const left = (documentsOf(collection) ?? []).filter(
      ({ source }) => source !== context.req.query("source"),
    );
    state.collections.set(collection, left);
    return context.json({ deleted: true });
  });
  app.post("/v1/documents", async (context) => {
    const collection = context.req.query("collection") ?? "default";
    const documents = documentsOf(collection);
    if (!documents) return context.json(failure("there is no such collection"), 404);
    const isForm = context.req.header("content-type")?.startsWith("multipart/");
    const files = isForm ? (await context.req.formData()).getAll("file") : [];
    const linked = isForm ? [] : (await context.req.json<{ sources: string[] }>()).sources;
    return streamSSE(context, async (stream) => {
      const report = { added: 0, replaced: 0, removed: 0, unchanged: 0, chunks: 0, failed: [] as object[] };
      const total = files.length + linked.length;
      const progress = () =>
        send(stream, "progress", {
          files: report.added + report.failed.length,
          total_files: total,
          bytes: report.added * 1000,
          total_bytes: total * 1000,
          chunks: report.added,
        });
      await progress();
      for (const file of files as File[]) {
        await rest(state.pause);
        if (file.name.endsWith(".scan.pdf"))
          report.failed.push({ path: file.name, reason: "it holds no text" });
        else {
          const text = await file.text();
          const title = /^# (.+)$/m.exec(text)?.[1] ?? null;
          const format = file.name.endsWith(".html") ? "html" : "markdown";
          documents.push({ title, source: `/data/uploads/${file.name}`, format, text, uploaded: true });
          report.added++;
        }
        await progress();
      }
      for (const source of linked) {
        documents.push({ title: null, source, format: "plain", text: `Text of ${source}.` });
        report.added++;
      }
      await send(stream, "done", report);
    });
  });

  app.get("/v1/models/known", (context) => context.json({ data: state.models }));
  app.post("/v1/models/load", async (context) => {
    const { model } = await context.req.json<{ model: string }>();
    state.model = model;
    state.models = state.models.map((known) => ({
      ...known,
      state: known.id === model ? "loaded" : known.state === "loaded" ? "ready" : known.state,
    }));
    return context.json({ model });
  });
  app.post("/v1/models/pull", async (context) => {
    const { model } = await context.req.json<{ model: string }>();
    const total = state.models.find(({ id }) => id === model)!.approximate_bytes;
    return streamSSE(context, async (stream) => {
      for (let i = 0; i <= 10; i++) {
        const progress = { downloaded_bytes: (total * i) / 10, total_bytes: total, bytes_per_second: 1e8 };
        await send(stream, "progress", { ...progress, eta_seconds: 10 - i });
        await rest(5 * state.pause);
      }
      state.models = state.models.map((known) => (known.id === model ? { ...known, state: "ready" } : known));
      await send(stream, "done", { model });
    });
  });

  app.post("/v1/ask", async (context) => {
    const body = await context.req.json<{ messages: { content: string }[]; collection: string }>();
    state.asked.push(body);
    if (state.isBusy) return context.json(failure("the model is busy"), 429, { "retry-after": "7" });
    const documents = documentsOf(body.collection);
    if (!documents) return context.json(failure(`there is no collection ${body.collection}`), 404);
    const script = state.answers.get(body.messages.at(-1)!.content);
    return streamSSE(context, (stream) => streamAnswer(stream, state, documents, script));
  });
  app.post("/v1/chat/completions", async (context) => {
    state.asked.push(await context.req.json());
    return streamSSE(context, async (stream) => {
      const chunk = (content: string, finish: string | null) =>
        stream.writeSSE({
          data: JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] }),
        });
      for (const word of state.chatAnswer.split(/(?<=\s)/)) {
        await rest(state.pause);
        await chunk(word, null);
      }
      await chunk("", "stop");
      await stream.writeSSE({ data: "[DONE]" });
    });
  });

  const page = (name: string) => () =>
    new Response(readFileSync(join(DIST, name)), {
      headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": CSP },
    });
  app.get("/", page("index.html"));
  app.get("/docs", page("docs.html"));
  app.get("/favicon.svg", () => asset("favicon.svg"));
  app.get("/assets/:name", (context) => asset(join("assets", context.req.param("name"))));
  return app;

  function find(collection: string | undefined, id: string): FakeDocument | undefined {
    return documentsOf(collection)?.find((document) => idOf(document) === id);
  }
}

function infoOf(document: FakeDocument) {
  const { source, title, format, uploaded = false } = document;
  return { id: idOf(document), object: "document", source, title, format, modified: null, uploaded };
}

/** Files are linked by their folder. */
function linkOf({ source, uploaded }: FakeDocument): string[] {
  return uploaded ? [] : [source.startsWith("/") ? source.slice(0, source.lastIndexOf("/")) : source];
}

async function streamAnswer(
  stream: SSEStreamingApi,
  state: FakeState,
  documents: readonly FakeDocument[],
  script: Scripted | undefined,
): Promise<void> {
  const hits = documents.map((document, docId) => {
    const { title, source, format, text, pageStarts } = document;
    const page = pageStarts && { page: 1 };
    const span = { start: 0, end: text.length, text };
    return {
      doc_id: docId,
      document: idOf(document),
      source,
      title,
      format,
      ...page,
      ...span,
      score: 1,
      rank: docId + 1,
    };
  });
  const relevance = Object.fromEntries(
    documents.map(({ title }, docId) => [docId, script?.relevance[title ?? ""] ?? 0.02 + 0.01 * docId]),
  );
  const relevant = hits.map(({ doc_id }) => doc_id).filter((docId) => script && relevance[docId]! >= 0.5);
  const refusal = /\p{Script=Cyrillic}/u.test(documents[0]?.text ?? "")
    ? "В предоставленных документах нет ответа на этот вопрос."
    : "The documents provided do not answer this question.";
  let answer = "";
  const citations = (script?.sentences ?? []).map(({ before = " ", text, quotes = [] }, i) => {
    answer += i === 0 ? before.trimStart() : before;
    const start = answer.length;
    answer += text;
    return {
      start,
      end: answer.length,
      text,
      sources: quotes.map(([title, quote]) => sourceOf(documents, title, quote)),
    };
  });
  if (!script) answer = refusal;

  await send(stream, "hits", { query: "", hits });
  await rest(3 * state.pause);
  await send(stream, "relevant", { relevant_doc_ids: relevant, relevance });
  for (const [i, text] of answer.split(/(?<=\s)/).entries()) {
    if (i === state.breakAfter) {
      state.breakAfter = undefined;
      // As a server that is killed: nothing more, and no end.
      await stream.close();
      return;
    }
    if (stream.aborted) return;
    await rest(state.pause);
    await send(stream, "text", { text });
  }
  await send(stream, "done", {
    outcome: hits.length === 0 ? "nothing-found" : script ? "answered" : "nothing-relevant",
    query: "",
    relevant_doc_ids: relevant,
    relevance,
    answer,
    citations: script ? citations : [],
    hits,
    usage: { prompt_tokens: 0, completion_tokens: 0, reused_tokens: 0 },
    finish_reason: "stop",
    model: state.model ?? "quotes",
  });
}

function sourceOf(documents: readonly FakeDocument[], title: string, quote: string) {
  const docId = documents.findIndex((document) => document.title === title);
  const { text = "", source = "", pageStarts } = documents[docId] ?? {};
  const start = text.indexOf(quote);
  if (docId < 0 || start < 0) throw new Error(`the script quotes what is not there: ${title}: ${quote}`);
  const end = start + quote.length;
  const page = pageStarts && { page: pageStarts.filter((at) => at <= start).length };
  return { doc_id: docId, start, end, file: { source, ...page, start, end } };
}

const send = (stream: SSEStreamingApi, event: string, data: unknown) =>
  stream.writeSSE({ event, data: JSON.stringify(data) });

function asset(name: string): Response {
  const type = { js: "text/javascript", css: "text/css", svg: "image/svg+xml" }[name.split(".").at(-1)!];
  return new Response(readFileSync(join(DIST, name)), {
    headers: { "content-type": type ?? "application/octet-stream", "x-content-type-options": "nosniff" },
  });
}
