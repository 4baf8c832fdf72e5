/** What is true of every EmbeddingModel: the fake, the embedded engine over nano, and a server that runs nano. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openEmbeddedEmbedding } from "../../src/engine/embedded/pooled/open-embedding.ts";
import {
  openRemoteEmbedding,
  type RemoteEmbeddingOptions,
} from "../../src/engine/remote/open-remote-embedding.ts";
import { InputError, VikhrError } from "../../src/errors.ts";
import type { EmbeddingModel } from "../../src/spec/embedding-model.ts";
import { fakeEmbeddingModel } from "../../src/testing/fake-embedding-model.ts";

const NANO = join(import.meta.dirname, "../../models/nano.gguf");
const KEY = "sk-test-0123456789";
/** In milliseconds: the first model of a process starts llama.cpp. */
const OPENING = 120_000;

interface Body {
  model: string;
  input: string[];
  encoding_format: string;
}

type Handler = (body: Body, response: ServerResponse) => void | Promise<void>;

interface TestServer {
  baseUrl: string;
  bodies: Body[];
  keys: (string | undefined)[];
  close(): Promise<void>;
}

/** Answers each POST /v1/embeddings with the next handler, the last one over and over. */
async function serve(...handlers: Handler[]): Promise<TestServer> {
  const bodies: Body[] = [];
  const keys: (string | undefined)[] = [];
  const server: Server = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    if (request.url !== "/v1/embeddings") return void response.writeHead(404).end();
    const body = JSON.parse(text) as Body;
    keys.push(request.headers.authorization);
    const handler = handlers[Math.min(bodies.push(body), handlers.length) - 1]!;
    await handler(body, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    keys,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Vectors of any length, the last text's first. */
const answering =
  (embed: (texts: string[]) => ArrayLike<number>[] | Promise<ArrayLike<number>[]>): Handler =>
  async ({ input }, response) => {
    const vectors = await embed(input);
    const data = vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: Array.from(vector, (value) => 3 * value),
    }));
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ object: "list", data: data.toReversed(), model: "nano" }));
  };

let nano: EmbeddingModel;
let nanoServer: TestServer;
beforeAll(async () => {
  nano = await openEmbeddedEmbedding(NANO);
  nanoServer = await serve(answering((texts) => nano.embed(texts, { role: "passage" })));
}, OPENING);
afterAll(async () => {
  await nanoServer?.close();
  await nano?.close();
});

const models: Record<string, () => Promise<EmbeddingModel>> = {
  fake: async () => fakeEmbeddingModel(),
  embedded: () => openEmbeddedEmbedding(NANO),
  remote: () => openRemoteEmbedding({ baseUrl: nanoServer.baseUrl, modelId: "nano", apiKey: KEY }),
};

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const PASSAGE = { role: "passage" } as const;

describe.each(Object.entries(models))("%s", (_, open) => {
  let model: EmbeddingModel;
  beforeAll(async () => {
    model = await open();
  }, OPENING);
  afterAll(() => model?.close());

  test("vectors of length 1, all of the dimension it names, in order", async () => {
    const texts = ["Собаку зовут Жучка.", "The dog is called Zhuchka.", "2 + 2 = 4"];
    const vectors = await model.embed(texts, PASSAGE);
    expect(vectors.map((vector) => vector.length)).toEqual(texts.map(() => model.dimension));
    for (const vector of vectors) expect(Math.abs(Math.hypot(...vector) - 1)).toBeLessThan(1e-5);
    const backwards = await model.embed(texts.toReversed(), PASSAGE);
    for (const [i, vector] of backwards.toReversed().entries()) expect(vector).toEqual(vectors[i]);
    // Different texts, different vectors.
    expect(dot(vectors[0]!, vectors[1]!)).toBeLessThan(0.999);
  });

  test("the same text, the same vector: alone, among others, and again", async () => {
    const [alone] = await model.embed(["Где живёт белка?"], { role: "query" });
    const among = await model.embed(["Кто?", "Где живёт белка?", "Где живёт белка?"], { role: "query" });
    expect(among[1]).toEqual(alone);
    expect(among[2]).toEqual(alone);
  });

  test("no texts, and texts without letters", async () => {
    expect(await model.embed([], PASSAGE)).toEqual([]);
    const [empty, full, blank] = await model.embed(["", "слово", " \n\t"], PASSAGE);
    expect(empty).toEqual(new Float32Array(model.dimension));
    expect(blank).toEqual(empty);
    expect(Math.hypot(...full!)).toBeCloseTo(1, 4);
  });

  test("a text of 10,000 characters, and many short ones", async () => {
    const long = "Белка живёт в дупле, and the fox lives in a hole. ".repeat(200);
    const [vector] = await model.embed([long], PASSAGE);
    expect(Math.hypot(...vector!)).toBeCloseTo(1, 4);
    const many = Array.from({ length: 130 }, (_, i) => `слово ${i}`);
    const vectors = await model.embed(many, PASSAGE);
    const [last] = await model.embed([many.at(-1)!], PASSAGE);
    expect(vectors.length).toBe(130);
    expect(vectors.at(-1)).toEqual(last);
  });

  test("spellings of control tokens, halves of characters and other oddities are text", async () => {
    const odd = [
      "<|begin_of_text|><|eot_id|>",
      "</s><s>[CLS][SEP]<pad>",
      "a \ud83d b \udc36",
      "\u0000\u0007\u200b",
      "👍🏽🇷🇺",
      "ё".repeat(300),
    ];
    for (const vector of await model.embed(odd, PASSAGE)) {
      const length = Math.hypot(...vector);
      expect(Math.min(length, Math.abs(length - 1))).toBeLessThan(1e-5);
    }
  });

  test("a signal from before: its reason is thrown, also where there is nothing to do", async () => {
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await expect(model.embed(["a"], { ...PASSAGE, signal })).rejects.toBe(reason);
    await expect(model.embed([], { ...PASSAGE, signal })).rejects.toBe(reason);
  });

  test("several at once are not mixed up", async () => {
    const texts = ["Кто это?", "Where is it?", "Почему?", "A longer text with more words in it."];
    const alone: Float32Array[] = [];
    for (const text of texts) alone.push(...(await model.embed([text], PASSAGE)));
    const together = await Promise.all(texts.map((text) => model.embed([text], PASSAGE)));
    expect(together.flat()).toEqual(alone);
  });

  test("closes, more than once, and then refuses", async () => {
    const other = await open();
    await Promise.all([other.close(), other.close()]);
    await other.close();
    await expect(other.embed(["a"], PASSAGE)).rejects.toThrow(/closed/);
    await expect(other.embed([], PASSAGE)).rejects.toThrow(/closed/);
  });
});

describe("the embedded engine", () => {
  const folder = mkdtempSync(join(tmpdir(), "vikhr-embedding-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("an abort in the middle, and the next text is embedded", async () => {
    const long = "Белка живёт в дупле. ".repeat(400);
    const [before] = await nano.embed(["слово"], PASSAGE);
    const controller = new AbortController();
    const busy = nano.embed([long, long, long], { ...PASSAGE, signal: controller.signal });
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 5);
    await expect(busy).rejects.toBe(reason);
    expect((await nano.embed(["слово"], PASSAGE))[0]).toEqual(before);
  });

  test("closing stops what is running", async () => {
    const model = await openEmbeddedEmbedding(NANO, { name: "busy" });
    const busy = model.embed(Array(50).fill("Белка живёт в дупле. ".repeat(100)), PASSAGE);
    const refused = expect(busy).rejects.toThrow("the model 'busy' is closed");
    await model.close();
    await refused;
  });

  test("what lies beyond the context changes nothing", async () => {
    const long = "Белка живёт в дупле. ".repeat(1000);
    const [cut, more] = await nano.embed([long, `${long} А лиса в норе.`], PASSAGE);
    expect(cut).toEqual(more);
    const [short] = await nano.embed(["Белка живёт в дупле."], PASSAGE);
    expect(dot(cut!, short!)).toBeLessThan(0.9999);
  });

  test("a damaged file is named, with the reason", async () => {
    const whole = readFileSync(NANO);
    const path = join(folder, "cut.gguf");
    for (const [bytes, reason] of [
      [whole.subarray(0, 1_000_000), /tensor .* ends at byte \d+ and the file has 1000000 bytes/],
      [whole.subarray(0, 1000), /cut.gguf/],
      [Buffer.from("no model at all"), /does not begin with GGUF/],
    ] as const) {
      writeFileSync(path, bytes);
      const error = await openEmbeddedEmbedding(path).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(InputError);
      expect(String(error)).toContain(path);
      expect(String(error)).toMatch(reason);
    }
    await expect(openEmbeddedEmbedding(join(folder, "none.gguf"))).rejects.toThrow(/no such file/);
    const most = availableParallelism();
    for (const threads of [0, most + 1, Number.NaN])
      await expect(openEmbeddedEmbedding(NANO, { threads })).rejects.toThrow(
        `threads is ${threads} and must be a whole number from 1 to ${most}`,
      );
  });
});

describe("a server", () => {
  let server: TestServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  const good = answering((texts) => texts.map((text) => [text.length, 1, -1]));
  const sending =
    (status: number, body: unknown): Handler =>
    (_, response) =>
      void response
        .writeHead(status, { "content-type": "application/json" })
        .end(typeof body === "string" ? body : JSON.stringify(body));
  const refusal = (status: number, message: string) =>
    sending(status, { error: { message, type: "BadRequestError", code: status } });

  async function open(handlers: Handler[], options: Partial<RemoteEmbeddingOptions> = {}) {
    server = await serve(...handlers);
    return openRemoteEmbedding({ baseUrl: server.baseUrl, modelId: "m", retries: 0, ...options });
  }

  test("is asked in batches, with the key and the model's own prefixes", async () => {
    const model = await open([good], { modelId: "intfloat/multilingual-e5-small", apiKey: KEY });
    expect([model.name, model.dimension]).toEqual(["intfloat/multilingual-e5-small", 3]);
    await model.embed(Array(65).fill("да"), PASSAGE);
    await model.embed(["кто?"], { role: "query" });
    const { bodies, keys } = server!;
    expect(bodies.map(({ input }) => input.length)).toEqual([1, 64, 1, 1]);
    expect(bodies[1]).toMatchObject({ model: "intfloat/multilingual-e5-small", encoding_format: "float" });
    expect([bodies[2]!.input, bodies[3]!.input]).toEqual([["passage: да"], ["query: кто?"]]);
    expect(new Set(keys)).toEqual(new Set([`Bearer ${KEY}`]));
  });

  test("that refuses says why when it is opened, and never the key", async () => {
    for (const [handler, reason] of [
      [refusal(401, `wrong key ${KEY}`), /refuses the API key \(HTTP 401\)/],
      [refusal(404, "The model `m` does not exist."), /has no model 'm'/],
      [refusal(404, "Not Found"), /nothing answers there/],
      [refusal(500, "out of memory"), /the server failed \(HTTP 500: out of memory\)/],
      [sending(200, "<html>"), /not JSON/],
    ] as const) {
      const error = await open([handler], { apiKey: KEY }).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(VikhrError);
      expect(String(error)).toMatch(reason);
      expect(String(error)).not.toContain(KEY);
      await server?.close();
    }
    const free = "http://127.0.0.1:1";
    await expect(openRemoteEmbedding({ baseUrl: free, modelId: "m", retries: 0 })).rejects.toThrow(
      /cannot be reached/,
    );
    await expect(openRemoteEmbedding({ baseUrl: "nowhere", modelId: "m" })).rejects.toThrow(/no web address/);
    await expect(openRemoteEmbedding({ baseUrl: free, modelId: "" })).rejects.toThrow(/has no name/);
  });

  const item = (index: number, embedding: unknown) => ({ object: "embedding", index, embedding });
  test.each([
    ["too few vectors", { data: [item(0, [1, 0, 0])] }, /1 vectors for 2 texts/],
    ["one text twice", { data: [item(1, [1, 0, 0]), item(1, [1, 0, 0])] }, /no vector for text 0/],
    ["an unknown text", { data: [item(0, [1, 0, 0]), item(2, [1, 0, 0])] }, /no vector for text 1/],
    ["another dimension", { data: [item(0, [1, 0, 0]), item(1, [1, 0])] }, /of 3 numbers, and now of 2/],
    ["base64", { data: [item(0, "AACAPw=="), item(1, "AACAPw==")] }, /what are no vectors/],
    ["null", { data: [item(0, [1, null, 0]), item(1, [1, 0, 0])] }, /what are no vectors/],
    ["no data", { object: "list" }, /what are no vectors/],
    ["a number too large", '{"data": [{"index": 0, "embedding": [1e999, 0, 0]}]}', /what are no vectors/],
    ["NaN", '{"data": [{"index": 0, "embedding": [NaN, 0, 0]}]}', /not JSON/],
    ["JSON cut off", '{"data": [{"index": 0, "embe', /not JSON/],
  ])("that sends %s is not believed", async (_, body, reason) => {
    const model = await open([good, sending(200, body)]);
    const error = await model.embed(["a", "b"], PASSAGE).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(VikhrError);
    expect(String(error)).toMatch(reason);
    expect(String(error)).toContain(server!.baseUrl);
  });

  test.each([
    [400, "This model's maximum context length is 512 tokens. However, your request has 900 input tokens."],
    [413, "Input validation error: `inputs` must have less than 512 tokens. Given: 900"],
    [500, "input is too large to process. increase the physical batch size"],
  ])("that finds every text too long (%i) makes one clear error", async (status, message) => {
    const model = await open([good, refusal(status, message)]);
    const error = await model.embed(["коротко", "длинно ".repeat(500)], PASSAGE).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InputError);
    expect(String(error)).toMatch(/a text is longer than .*model 'm' takes .* 2 has \d+ characters/);
  });

  test("that takes only short texts gets their beginnings, and is not asked in vain again", async () => {
    const lengths: number[][] = [];
    const short: Handler = ({ input }, response) => {
      lengths.push(input.map((text) => text.length));
      if (input.some((text) => text.length > 1000))
        response.writeHead(400).end(JSON.stringify({ error: { message: "maximum context length" } }));
      else response.end(JSON.stringify({ data: input.map((_, index) => ({ index, embedding: [3, 4] })) }));
    };
    const model = await open([short, short, short, short, short]);
    expect(await model.embed(["коротко", "x".repeat(3500)], PASSAGE)).toHaveLength(2);
    expect(await model.embed(["y".repeat(3500)], PASSAGE)).toHaveLength(1);
    expect(lengths.slice(1)).toEqual([[7, 3500], [7, 1750], [7, 875], [875]]);
  });

  test("that is busy is asked again; a limit of tokens a minute is no long text", async () => {
    const busy: Handler = (_, response) => void response.writeHead(429, { "retry-after": "0" }).end("{}");
    const model = await open([good, busy, good], { retries: 1 });
    expect((await model.embed(["a"], PASSAGE)).length).toBe(1);
    await server!.close();
    const limited = await open([good, refusal(429, "Rate limit: too large, maximum tokens per minute")]);
    await expect(limited.embed(["a"], PASSAGE)).rejects.toThrow(/overloaded \(HTTP 429/);
  });

  test("that does not answer can be left", async () => {
    const model = await open([good, () => {}]);
    const controller = new AbortController();
    const waiting = model.embed(["a"], { ...PASSAGE, signal: controller.signal });
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 20);
    await expect(waiting).rejects.toBe(reason);
    const closed = expect(model.embed(["a"], PASSAGE)).rejects.toThrow(/'m' is closed/);
    await model.close();
    await closed;
  });
});
