/** The official clients, unchanged, against a server with the shipped model and a real collection. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { ChatOpenAI } from "@langchain/openai";
import { CohereClientV2 } from "cohere-ai";
import OpenAI, { APIError } from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DocumentReader } from "../../../src/documents/document-reader.ts";
import { openEmbedded } from "../../../src/engine/embedded/open-embedded.ts";
import { openEmbeddedEmbedding } from "../../../src/engine/embedded/pooled/open-embedding.ts";
import { answerGrounded } from "../../../src/grounding/answer-grounded.ts";
import { documentsMessage } from "../../../src/grounding/documents-message.ts";
import { Collection } from "../../../src/index/collections.ts";
import { syncIndex } from "../../../src/index/sync.ts";
import { Corpora } from "../../../src/rag/corpora.ts";
import { documentId } from "../../../src/rag/document-id.ts";
import { createApp } from "../../../src/server/create-app.ts";
import type { EmbeddingModel } from "../../../src/spec/embedding-model.ts";
import { GROUNDED_SYSTEM_PROMPT } from "../../../src/spec/grounding.ts";
import type { LanguageModel } from "../../../src/spec/language-model.ts";
import { fakeLanguageModel } from "../../../src/testing/fake-language-model.ts";
import { runCli } from "../../e2e/run-cli.ts";

const NANO = join(import.meta.dirname, "../../../models/nano.gguf");

const folder = mkdtempSync(join(tmpdir(), "vikhr-clients-"));
const note = join(folder, "railways.md");
let model: LanguageModel;
let vectors: EmbeddingModel;
let corpora: Corpora;
let server: Server;
let openai: OpenAI;
let address: string;

beforeAll(async () => {
  writeFileSync(
    note,
    "# Railways\n\nThe first passenger railway was opened in 1825. It led from Stockton to Darlington.\n",
  );
  const collection = new Collection("notes", join(folder, "collections"));
  const unlock = await collection.lock();
  await collection.writeContents({ sources: [{ location: note, kind: "file" }] });
  const index = await collection.openIndex();
  const reader = new DocumentReader();
  await syncIndex(index, collection.contents().sources, reader);
  reader.close();
  await index.close();
  await unlock();
  corpora = new Corpora({
    folder: join(folder, "collections"),
    open: async (one) => {
      const opened = await one.openIndex();
      return { index: opened, close: () => opened.close() };
    },
  });
  model = await openEmbedded(NANO, { threads: 1 });
  vectors = await openEmbeddedEmbedding(NANO, { threads: 1 });
  const embedding = async () => vectors;
  const app = createApp({ model: () => model, embedding, corpora, isLocal: true });
  server = await new Promise<Server>((resolve) => {
    const started = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () =>
      resolve(started as Server),
    );
  });
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  openai = new OpenAI({ baseURL: `${address}/v1`, apiKey: "none", maxRetries: 0 });
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await corpora.close();
  await model.close();
  await vectors.close();
  rmSync(folder, { recursive: true });
});

const documents = [
  {
    doc_id: 0,
    title: "Railways",
    content: "The first passenger railway was opened in 1825. It led from Stockton to Darlington.",
  },
  { doc_id: 1, title: "Mills", content: "Most mills stand at rivers." },
];
const question = "When was the first railway opened?";
const asked = {
  model: "nano",
  messages: [{ role: "user" as const, content: question }],
  temperature: 0,
  seed: 7,
};

describe("openai", () => {
  test("chat: whole and streamed are the same text, with usage and the reason for its end", async () => {
    const whole = await openai.chat.completions.create({ ...asked, max_tokens: 24 });
    const text = whole.choices[0]!.message.content!;
    expect(text.length).toBeGreaterThan(0);
    expect(whole.usage!.completion_tokens).toBeLessThanOrEqual(24);
    let streamed = "";
    let usage: OpenAI.CompletionUsage | null | undefined;
    const reasons: string[] = [];
    const stream = await openai.chat.completions.create({
      ...asked,
      max_tokens: 24,
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) {
      streamed += chunk.choices[0]?.delta.content ?? "";
      if (chunk.choices[0]?.finish_reason) reasons.push(chunk.choices[0].finish_reason);
      usage = chunk.usage ?? usage;
    }
    expect(streamed).toBe(text);
    expect(reasons).toEqual([whole.choices[0]!.finish_reason]);
    expect(usage!.completion_tokens).toBe(whole.usage!.completion_tokens);
  });

  test("stop, seed and beams; fields that nobody knows are passed over", async () => {
    const text = async (more: object) =>
      (await openai.chat.completions.create({ ...asked, max_tokens: 24, ...more })).choices[0]!;
    const plain = (await text({})).message.content!;
    const cut = await text({ stop: plain.slice(5, 8), vendor_extension: { a: 1 } });
    expect(cut.message.content).toBe(plain.slice(0, plain.indexOf(plain.slice(5, 8))));
    expect(cut.finish_reason).toBe("stop");
    const drawn = (seed: number) => text({ temperature: 1.5, seed }).then(({ message }) => message.content);
    expect(await drawn(-5)).toBe(await drawn(-5));
    expect(new Set([await drawn(1), await drawn(2), await drawn(3)]).size).toBeGreaterThan(1);
    const logprobOf = async (more: object) =>
      (await text({ ...more, logprobs: true, top_logprobs: 0 })).logprobs!.content!.reduce(
        (sum, { logprob }, _, { length }) => sum + logprob / length,
        0,
      );
    expect(await logprobOf({ beams: 4 })).toBeGreaterThanOrEqual((await logprobOf({})) - 1e-3);
  });

  test("embeddings, as numbers and as the client asks for them by itself", async () => {
    const input = ["The first passenger railway was opened in 1825.", "Most mills stand at rivers."];
    const packed = await openai.embeddings.create({ model: "nano", input });
    const plain = await openai.embeddings.create({ model: "nano", input, encoding_format: "float" });
    for (const [i, { embedding }] of plain.data.entries()) {
      expect(Math.hypot(...embedding)).toBeCloseTo(1, 5);
      expect(packed.data[i]!.embedding).toEqual(embedding);
    }
    expect(plain.data[0]!.embedding).not.toEqual(plain.data[1]!.embedding);
  });

  test("n, logprobs and JSON by a schema", async () => {
    const several = await openai.chat.completions.create({
      ...asked,
      temperature: 1,
      n: 3,
      max_tokens: 12,
      logprobs: true,
      top_logprobs: 2,
    });
    expect(several.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(new Set(several.choices.map(({ message }) => message.content)).size).toBeGreaterThan(1);
    for (const { message, logprobs } of several.choices) {
      const tokens = logprobs!.content!;
      expect(tokens.map(({ token }) => token).join("")).toContain(message.content!);
      for (const { logprob, top_logprobs } of tokens) {
        expect(logprob).toBeLessThanOrEqual(0);
        expect(top_logprobs).toHaveLength(2);
      }
    }
    const schema = {
      type: "object",
      properties: { year: { type: "integer" }, sure: { type: "boolean" } },
      required: ["year", "sure"],
      additionalProperties: false,
    };
    const json = await openai.chat.completions.create({
      ...asked,
      max_tokens: 60,
      response_format: { type: "json_schema", json_schema: { name: "year", schema, strict: true } },
    });
    if (json.choices[0]!.finish_reason === "stop") {
      const value = JSON.parse(json.choices[0]!.message.content!);
      expect(Number.isInteger(value.year)).toBe(true);
      expect(typeof value.sure).toBe("boolean");
    } else expect(json.choices[0]!.message.content).toMatch(/^\{"year": ?-?\d+/);
  });

  test("n with beams: the best of one search, whole and streamed, counted once", async () => {
    const create = (more: object) =>
      openai.chat.completions.create({ ...asked, max_tokens: 12, beams: 4, ...more } as typeof asked);
    const [one, three] = [await create({}), await create({ n: 3, logprobs: true, top_logprobs: 0 })];
    const texts = three.choices.map(({ message }) => message.content!);
    expect(texts).toHaveLength(3);
    expect(new Set(texts).size).toBe(3);
    expect(texts[0]).toBe(one.choices[0]!.message.content);
    expect(three.usage!.completion_tokens).toBe(one.usage!.completion_tokens);
    expect(three.usage!.prompt_tokens).toBe(one.usage!.prompt_tokens);
    for (const { message, logprobs } of three.choices)
      expect(logprobs!.content!.map(({ token }) => token).join("")).toContain(message.content!);
    const completion = await openai.completions.create({
      model: "nano",
      prompt: ["a", "b"],
      max_tokens: 6,
      n: 2,
      beams: 2,
    } as OpenAI.CompletionCreateParamsNonStreaming);
    expect(completion.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    const streamed = ["", "", ""];
    const stream = await openai.chat.completions.create({
      ...asked,
      max_tokens: 12,
      beams: 4,
      n: 3,
      stream: true,
    } as unknown as OpenAI.ChatCompletionCreateParamsStreaming);
    for await (const { choices } of stream)
      for (const { index, delta } of choices) streamed[index] += delta.content ?? "";
    expect(streamed).toEqual(texts);
    await expect(create({ n: 5 })).rejects.toThrow(/400.*n is 5 and beams are 4/);
    await expect(create({ n: 2, documents })).rejects.toThrow(/400.*from documents a beam search gives one/);
  });

  test("documents: both steps, with relevant ids and citations that lead into the documents", async () => {
    for (const way of [
      { ...asked, documents },
      { ...asked, chat_template_kwargs: { documents } },
      {
        ...asked,
        messages: [
          documentsMessage(documents.map(({ doc_id, ...rest }) => ({ docId: doc_id, ...rest }))),
          ...asked.messages,
        ],
      },
    ]) {
      const answer = await openai.chat.completions.create(way as unknown as typeof asked);
      const message = answer.choices[0]!.message as (typeof answer.choices)[0]["message"] & {
        relevant_doc_ids: number[];
        citations: { start: number; end: number; text: string; sources: { id: string }[] }[];
      };
      expect(message.relevant_doc_ids).toEqual([0]);
      expect(message.content).toContain("1825");
      expect(message.citations.length).toBeGreaterThan(0);
      for (const { start, end, text, sources } of message.citations) {
        expect(message.content!.slice(start, end)).toBe(text);
        expect(sources.length).toBeGreaterThan(0);
      }
    }
  });

  test("a collection: what was found, what of it is relevant, and where it stands, also in a stream", async () => {
    const request = { ...asked, collection: "notes" } as unknown as typeof asked;
    const { message } = (await openai.chat.completions.create(request)).choices[0]!;
    const told: Record<string, unknown> = {};
    const stream = await openai.chat.completions.create({ ...request, stream: true });
    for await (const { choices } of stream) Object.assign(told, choices[0]?.delta);
    for (const { hits, citations } of [message, told] as unknown as {
      hits: { document: string; source: string; text?: string }[];
      citations: { sources: { id: string; document: { start: number; end: number } }[] }[];
    }[]) {
      expect(hits[0]).toMatchObject({ document: documentId(note), source: note, doc_id: 0 });
      expect(hits[0]!.text).toBeUndefined();
      const { id, document } = citations[0]!.sources[0]!;
      expect(id).toBe(documentId(note));
      expect(readFileSync(note, "utf8").slice(document.start, document.end)).toContain("1825");
    }
  });

  test("the model card's own two calls give what the two steps give", async () => {
    const given = documents.map(({ doc_id, ...rest }) => ({ docId: doc_id, ...rest }));
    const messages = [
      { role: "system", content: GROUNDED_SYSTEM_PROMPT },
      documentsMessage(given),
      { role: "user", content: question },
    ] as OpenAI.ChatCompletionMessageParam[];
    const first = await openai.chat.completions.create({ model: "nano", messages, temperature: 0 });
    const ids = first.choices[0]!.message.content!;
    expect(JSON.parse(ids)).toEqual({ relevant_doc_ids: [0] });
    const second = await openai.chat.completions.create({
      model: "nano",
      messages: [...messages, { role: "assistant", content: ids }],
      temperature: 0,
    });
    let answer: string | undefined;
    for await (const event of answerGrounded(model, question, given, { temperature: 0 }))
      if (event.type === "done") ({ answer } = event.answer);
    expect(second.choices[0]!.message.content).toBe(answer);
    expect((second.usage as unknown as { reused_tokens: number }).reused_tokens).toBeGreaterThan(
      0.8 * first.usage!.prompt_tokens,
    );
  });

  test("responses: a file search tool answers from a collection, with file citations, whole and streamed", async () => {
    const request = {
      model: "nano",
      input: "When was the first railway opened?",
      temperature: 0,
      tools: [{ type: "file_search" as const, vector_store_ids: ["notes"] }],
    };
    const whole = await openai.responses.create(request);
    expect(whole.output_text.length).toBeGreaterThan(0);
    const [message] = whole.output;
    const [content] = (message as OpenAI.Responses.ResponseOutputMessage).content;
    const annotations = (content as OpenAI.Responses.ResponseOutputText).annotations as {
      type: string;
      file_id: string;
      filename: string;
    }[];
    expect(annotations[0]).toMatchObject({
      type: "file_citation",
      file_id: documentId(note),
      filename: "railways.md",
    });
    const stream = openai.responses.stream(request);
    let text = "";
    for await (const event of stream) if (event.type === "response.output_text.delta") text += event.delta;
    expect(text).toBe(whole.output_text);
    expect((await stream.finalResponse()).status).toBe("completed");
  });

  test("completions, and what is refused", async () => {
    const { choices } = await openai.completions.create({
      model: "nano",
      prompt: ["one", "two"],
      max_tokens: 3,
      temperature: 0,
    });
    expect(choices.map(({ index }) => index)).toEqual([0, 1]);
    const refusal = (request: Promise<unknown>) =>
      request.then(
        () => undefined,
        (error) => error as APIError,
      );
    const wrongModel = await refusal(openai.chat.completions.create({ ...asked, model: "gpt-4o" }));
    expect(wrongModel).toBeInstanceOf(APIError);
    expect(wrongModel).toMatchObject({ status: 404, code: "model_not_found", param: "model" });
    const wrongType = await refusal(
      openai.chat.completions.create({ ...asked, temperature: "hot" as unknown as number }),
    );
    expect(wrongType).toMatchObject({ status: 400, param: "temperature" });
    const tooLong = await refusal(
      openai.chat.completions.create({
        ...asked,
        messages: [{ role: "user", content: "word ".repeat(9000) }],
      }),
    );
    expect(tooLong).toMatchObject({ status: 400, code: "context_length_exceeded" });
    const otherVectors = await refusal(openai.embeddings.create({ model: "ada", input: "a" }));
    expect(otherVectors).toMatchObject({ status: 404, code: "model_not_found" });
  });

  test("a stream that the client leaves stops the model", async () => {
    const controller = new AbortController();
    const stream = await openai.chat.completions.create(
      { ...asked, messages: [{ role: "user", content: "Tell a long story." }], stream: true },
      { signal: controller.signal },
    );
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    controller.abort();
    // The only place is free again.
    const next = await openai.chat.completions.create({ ...asked, max_tokens: 2 });
    expect(next.usage!.completion_tokens).toBe(2);
  });
});

describe("/v1/ask", () => {
  const ask = async (body: object) => {
    const response = await fetch(`${address}/v1/ask`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ question, temperature: 0, seed: 1, ...body }),
    });
    return response.text();
  };

  test.each(["documents", "collection"])("says what vikhr ask --json prints: %s", async (kind) => {
    const file = join(folder, "documents.json");
    writeFileSync(file, JSON.stringify(documents));
    const given = kind === "documents" ? ["--documents", file] : ["--collection", "notes"];
    const flags = ["--model", "nano", "--threads", "1", "--temperature", "0", "--seed", "1", "--json"];
    const { stdout, code } = await runCli(["ask", question, ...given, ...flags], {
      folder,
      env: { VIKHR_DATA: folder },
    });
    expect(code).toBe(0);
    const body = kind === "documents" ? { documents } : { collection: "notes" };
    const { usage: _, relevance, ...printed } = JSON.parse(stdout);
    const answer = JSON.parse(await ask(body));
    expect(answer).toMatchObject(printed);
    // In other batches weights of 8 bits round otherwise.
    expect(Object.keys(answer.relevance)).toEqual(Object.keys(relevance));
    for (const id of Object.keys(relevance)) expect(answer.relevance[id]).toBeCloseTo(relevance[id], 1);
    const events = (await ask({ ...body, stream: true }))
      .split("\n\n")
      .filter((event) => event !== "")
      .map((event) => /^event: (\w+)\ndata: (.*)$/.exec(event)!.slice(1) as [string, string]);
    const names = events.map(([name]) => name);
    expect([...new Set(names)]).toEqual([
      ...(kind === "collection" ? ["hits"] : []),
      "relevant",
      "text",
      "done",
    ]);
    const texts = events.flatMap(([name, data]) => (name === "text" ? [JSON.parse(data).text] : []));
    expect(texts.join("")).toBe(printed.answer);
    expect(JSON.parse(events.at(-1)![1])).toMatchObject(printed);
  });
});

test("a full queue is 429, with Retry-After", async () => {
  const full = Object.assign(fakeLanguageModel({ replies: [], name: "nano" }), { isFull: true });
  const app = createApp({ model: () => full, corpora, isLocal: true });
  for (const [path, body] of [
    ["/v1/chat/completions", asked],
    ["/v1/completions", { prompt: "a" }],
    ["/v1/responses", { input: "a" }],
    ["/cohere/v2/chat", { messages: asked.messages }],
    ["/v1/ask", { question, documents }],
  ] as const) {
    const headers = { "content-type": "application/json" };
    const response = await app.request(path, { method: "POST", headers, body: JSON.stringify(body) });
    expect([path, response.status]).toEqual([path, 429]);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({ error: { type: "rate_limit_error" } });
  }
});

describe("cohere", () => {
  const client = () =>
    new CohereClientV2({ token: "none", environment: `${address}/cohere`, maxRetries: 0 } as never);
  const request = {
    model: "nano",
    messages: [{ role: "user" as const, content: question }],
    documents: documents.map(({ doc_id, title, content }) => ({
      id: `d${doc_id}`,
      data: { title, text: content },
    })),
    temperature: 0,
  };

  test("chat with documents: text, finish reason, citations with the client's ids", async () => {
    const { message, finishReason } = await client().chat(request);
    const [content] = message.content!;
    expect(content).toMatchObject({ type: "text" });
    const { text } = content as { text: string };
    expect(text).toContain("1825");
    expect(finishReason).toBe("COMPLETE");
    for (const { start, end, text: cited, sources } of message.citations!) {
      expect(text.slice(start, end)).toBe(cited);
      expect(sources![0]).toMatchObject({ type: "document", id: "d0" });
    }
  });

  test("streamed, the same", async () => {
    const types: string[] = [];
    let text = "";
    for await (const event of await client().chatStream(request)) {
      types.push(event.type!);
      if (event.type === "content-delta") text += event.delta?.message?.content?.text ?? "";
    }
    expect(text).toContain("1825");
    expect(types[0]).toBe("message-start");
    expect(types.at(-1)).toBe("message-end");
    expect(types).toContain("citation-start");
  });
});

describe("LangChain", () => {
  test("invokes and streams", async () => {
    const chat = new ChatOpenAI({
      model: "nano",
      apiKey: "none",
      temperature: 0,
      maxTokens: 16,
      maxRetries: 0,
      configuration: { baseURL: `${address}/v1` },
    });
    const { content } = await chat.invoke(question);
    let streamed = "";
    for await (const chunk of await chat.stream(question)) streamed += chunk.content;
    expect(streamed).toBe(content);
    expect(streamed.length).toBeGreaterThan(0);
  });
});
