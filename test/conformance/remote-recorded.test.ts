/** The remote engine on recorded answers of vLLM and llama-server, whole and damaged, over a real connection. */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { openRemote, type RemoteOptions } from "../../src/engine/remote/open-remote.ts";
import { ContextOverflowError, InputError, VikhrError } from "../../src/errors.ts";
import type { LanguageModel } from "../../src/spec/language-model.ts";
import { ask, complete } from "./language-model.ts";

const fixture = (name: string) => readFileSync(join(import.meta.dirname, "../fixtures", name));

type Handler = (request: IncomingMessage, response: ServerResponse, body: Wire) => void | Promise<void>;
type Wire = Record<string, unknown>;

interface Recorded {
  baseUrl: string;
  requests: { url: string; body: Wire; headers: IncomingMessage["headers"] }[];
}

let running: { server: Server; models: LanguageModel[] } | undefined;
afterEach(async () => {
  for (const model of running?.models ?? []) await model.close();
  running?.server.closeAllConnections();
  await new Promise((resolve) => (running ? running.server.close(resolve) : resolve(undefined)));
  running = undefined;
});

/** Answers the n-th POST with the n-th handler, the last one over and over; GET with the models of vLLM. */
async function serve(handlers: Handler[], models = "vllm/models.json"): Promise<Recorded> {
  const requests: Recorded["requests"] = [];
  let posts = 0;
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    const body = text === "" ? {} : (JSON.parse(text) as Wire);
    requests.push({ url: request.url ?? "", body, headers: request.headers });
    if (request.url === "/v1/models") return void response.end(fixture(models));
    if (request.url === "/props") return void response.end(fixture("llama-server/props.json"));
    if (request.url === "/tokenize") return void response.end('{"tokens": [128000, 5, 6, 7]}');
    await handlers[Math.min(posts++, handlers.length - 1)]!(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  running = { server, models: [] };
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

async function open({ baseUrl }: Recorded, options: Partial<RemoteOptions> = {}): Promise<LanguageModel> {
  const model = await openRemote({ baseUrl, modelId: "vikhr", retries: 2, ...options });
  running!.models.push(model);
  return model;
}

const EVENTS = { "content-type": "text/event-stream; charset=utf-8" };
const replay =
  (name: string): Handler =>
  (_, response) =>
    void response.writeHead(200, EVENTS).end(fixture(name));
const refusal =
  (status: number, body: string | Buffer, headers = {}): Handler =>
  (_, response) =>
    void response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);

describe("vLLM", () => {
  test("a completion: text, counts, what was reused; and what was asked", async () => {
    const server = await serve([replay("vllm/completions.sse")]);
    const model = await open(server, { apiKey: "sk-secret" });
    expect(model.contextSize).toBe(4096);
    const { text, finishReason, usage, pieces } = await complete(model, ask("Как зовут собаку?"), {
      temperature: 0,
      seed: 7,
      stop: ["\n\n"],
      grammar: 'root ::= "a"',
    });
    expect(text).toBe("Её зовут Жучка. 👍");
    expect(pieces.length).toBeGreaterThan(5);
    expect({ finishReason, usage }).toEqual({
      finishReason: "stop",
      usage: { promptTokens: 41, completionTokens: 8, reusedTokens: 32 },
    });
    const { body, headers, url } = server.requests.at(-1)!;
    expect(url).toBe("/v1/completions");
    expect(headers.authorization).toBe("Bearer sk-secret");
    expect(body).toMatchObject({
      model: "vikhr",
      prompt:
        "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nКак зовут собаку?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
      add_special_tokens: false,
      max_tokens: null,
      temperature: 0,
      seed: 7,
      top_p: 1,
      top_k: -1,
      min_p: 0,
      repetition_penalty: 1,
      stop: ["\n\n"],
      structured_outputs: { grammar: 'root ::= "a"' },
      stream_options: { include_usage: true },
    });
  });

  test("log-probabilities of completions", async () => {
    const model = await open(await serve([replay("vllm/completions-logprobs.sse")]));
    const { text, tokens } = await complete(model, ask("Кто?"), { topLogprobs: 2 });
    expect(text).toBe('{"relevant_doc_ids": [0]}');
    expect(tokens.map((t) => t.text)).toEqual(['{"', "relevant", "_doc_ids", '":', " [", "0", "]}"]);
    expect(tokens[5]).toEqual({
      text: "0",
      logprob: -0.25,
      top: [
        { text: "0", logprob: -0.25 },
        { text: "1", logprob: -1.6 },
      ],
    });
  });

  test("chat completions: a documents role, log-probabilities", async () => {
    const server = await serve([replay("vllm/chat.sse")]);
    const model = await open(server, { mode: "chat" });
    const messages = [
      { role: "documents", content: '[{"content": "a <|eot_id|> b"}]' },
      { role: "user", content: "Да?" },
    ];
    const { text, tokens, finishReason, usage } = await complete(model, { messages }, { topLogprobs: 2 });
    expect(text).toBe("Да.");
    expect(tokens.map((t) => t.top.map((top) => top.text))).toEqual([
      ["Да", "Нет"],
      [".", "!"],
    ]);
    expect({ finishReason, usage }).toEqual({
      finishReason: "length",
      usage: { promptTokens: 20, completionTokens: 2, reusedTokens: 16 },
    });
    const { url, body } = server.requests.at(-1)!;
    expect(url).toBe("/v1/chat/completions");
    expect(body).toMatchObject({
      logprobs: true,
      top_logprobs: 2,
      messages: [{ role: "documents", content: '[{"content": "a <\u2060|eot_id|> b"}]' }, messages[1]],
    });
  });

  test("scores a given text from the echoed prompt", async () => {
    const server = await serve([
      refusal(200, fixture("vllm/prompt-alone.json")),
      refusal(200, fixture("vllm/echo.json")),
    ]);
    const model = await open(server);
    expect(await model.score(ask("Кто"), "Жучка")).toEqual([
      { text: "Жуч", logprob: -1.25 },
      { text: "ка", logprob: -2 },
    ]);
    expect(server.requests.at(-1)!.body).toMatchObject({ echo: true, logprobs: 1, max_tokens: 1 });
  });

  test("a server that does not echo says so", async () => {
    const model = await open(await serve([refusal(200, fixture("vllm/prompt-alone.json"))]));
    await expect(model.score(ask("Кто"), "Жучка")).rejects.toThrow(/does not echo/);
  });
});

describe("llama-server", () => {
  test("takes token ids, has its own names, and says its context", async () => {
    const server = await serve([replay("llama-server/completions.sse")], "llama-server/models.json");
    const model = await open(server, { modelId: "vikhr.gguf" });
    expect(model.contextSize).toBe(8192);
    const { text, tokens, usage } = await complete(model, ask("Да?"), {
      grammar: 'root ::= "Да."',
      topLogprobs: 0,
    });
    expect(text).toBe("Да.");
    expect(tokens).toEqual([{ text: "Да", logprob: -0.1, top: [] }]);
    expect(usage).toEqual({ promptTokens: 12, completionTokens: 3, reusedTokens: 11 });
    expect(server.requests.at(-2)!.body).toMatchObject({ add_special: false, parse_special: true });
    const { body } = server.requests.at(-1)!;
    expect(body).toMatchObject({
      prompt: [128000, 5, 6, 7],
      grammar: 'root ::= "Да."',
      repeat_penalty: 1,
      logprobs: 1,
    });
    expect(body).not.toHaveProperty("structured_outputs");
    await expect(model.score(ask("a"), "b")).rejects.toThrow(InputError);
  });

  test("a prompt that does not fit", async () => {
    const refused = refusal(400, fixture("llama-server/error-context.json"));
    const model = await open(await serve([refused], "llama-server/models.json"), { modelId: "x" });
    await expect(complete(model, ask("Да?"))).rejects.toMatchObject({
      promptTokens: 9412,
      contextSize: 8192,
    });
  });
});

describe("a server of which nothing is known", () => {
  test("is asked in OpenAI's words only, and for as many tokens as may fit", async () => {
    const server = await serve([replay("vllm/completions.sse")]);
    const model = await open(server, { dialect: "openai", contextSize: 2000 });
    await complete(model, ask("?"), { grammar: 'root ::= "a"' });
    const { body } = server.requests.at(-1)!;
    expect(Object.keys(body).sort()).toEqual(
      ["max_tokens", "model", "prompt", "seed", "stream", "stream_options", "temperature", "top_p"].sort(),
    );
    expect(body.max_tokens).toBeGreaterThan(1800);
    expect(body.max_tokens).toBeLessThan(2000);
  });

  test("Ollama is refused for rendered prompts", async () => {
    const fake: typeof fetch = async (url) =>
      String(url).endsWith("/api/version")
        ? Response.json({ version: "0.12.0" })
        : Response.json({ object: "list", data: [{ id: "vikhr", owned_by: "library" }] });
    const options = { baseUrl: "http://localhost:11434", modelId: "vikhr", fetch: fake };
    await expect(openRemote(options)).rejects.toThrow(/Ollama puts every prompt/);
    expect((await openRemote({ ...options, mode: "chat" })).contextSize).toBe(8192);
  });
});

describe("faults of a stream", () => {
  const whole = fixture("vllm/completions.sse");

  test("split anywhere, and slow: characters stay whole", async () => {
    const dribble: Handler = async (_, response) => {
      response.writeHead(200, EVENTS).flushHeaders();
      for (let at = 0; at < whole.length; at += 7) {
        response.write(whole.subarray(at, at + 7));
        if (at % 70 === 0) await sleep(1);
      }
      response.end();
    };
    const model = await open(await serve([dribble]));
    expect((await complete(model, ask("?"))).text).toBe("Её зовут Жучка. 👍");
  });

  test("a connection that breaks, or ends, before the end is an error after the text", async () => {
    const cut = whole.subarray(0, 600);
    const breaks: Handler = (_, response) => {
      response.writeHead(200, { ...EVENTS, "content-length": String(whole.length) });
      response.write(cut, () => response.destroy());
    };
    const ends: Handler = (_, response) => void response.writeHead(200, EVENTS).end(cut);
    for (const [handler, message] of [
      [breaks, /cut in the middle/],
      [ends, /ended in the middle/],
    ] as const) {
      const model = await open(await serve([handler]));
      let text = "";
      const read = async () => {
        for await (const chunk of model.generate(ask("?"))) text += chunk.text;
      };
      await expect(read()).rejects.toThrow(message);
      expect(text).toMatch(/^Её/);
      running!.server.closeAllConnections();
      running!.server.close();
    }
  });

  test("an error object within the stream", async () => {
    const model = await open(await serve([replay("vllm/error-in-stream.sse")]));
    await expect(complete(model, ask("?"))).rejects.toThrow(/HTTP 500: EngineCore encountered/);
  });

  test("usage that is missing is counted from what came", async () => {
    const events = [..."abc"].map((text) => ({ choices: [{ index: 0, text }] }));
    const lines = [...events, { choices: [{ text: "", finish_reason: "stop" }] }];
    const body = lines.map((line) => `data: ${JSON.stringify(line)}\r\n\r\n`).join("");
    const model = await open(
      await serve([(_, response) => void response.writeHead(200, EVENTS).end(`: ping\n\n${body}`)]),
    );
    const { text, usage } = await complete(model, ask("?"));
    expect(text).toBe("abc");
    expect(usage).toEqual({ promptTokens: 0, completionTokens: 3, reusedTokens: 0 });
  });

  test("a server that falls silent is given up", async () => {
    const silent: Handler = (_, response) =>
      void response.writeHead(200, EVENTS).write(whole.subarray(0, 500));
    const model = await open(await serve([silent]), { tokenTimeout: 100 });
    await expect(complete(model, ask("?"))).rejects.toThrow(/nothing came from the server for 0.1 seconds/);
    const never = await open(await serve([() => {}]), { firstTokenTimeout: 100 });
    await expect(complete(never, ask("?"))).rejects.toThrow(/nothing came/);
  });

  test("leaving the loop ends the connection", async () => {
    let closed = false;
    const endless: Handler = async (_, response) => {
      response.writeHead(200, EVENTS);
      response.on("close", () => {
        closed = true;
      });
      while (!closed) {
        response.write(`data: ${JSON.stringify({ choices: [{ text: "a" }] })}\n\n`);
        await sleep(1);
      }
    };
    const model = await open(await serve([endless]));
    for await (const { text } of model.generate(ask("?"))) if (text !== "") break;
    await expect.poll(() => closed).toBe(true);
  });

  test("a server that does not know stop strings is stopped here", async () => {
    const model = await open(await serve([replay("vllm/completions.sse")]));
    const { text, finishReason } = await complete(model, ask("?"), { stop: ["вут Ж"] });
    expect({ text, finishReason }).toEqual({ text: "Её зо", finishReason: "stop" });
  });

  test("nonsense in the stream", async () => {
    for (const line of ["not json", "[]", '{"choices": [{"text": 5}]}', '{"choices": 1}']) {
      const model = await open(
        await serve([(_, response) => void response.writeHead(200, EVENTS).end(`data: ${line}\n\n`)]),
      );
      await expect(complete(model, ask("?"))).rejects.toThrow(VikhrError);
      running!.server.close();
    }
  });
});

describe("refusals", () => {
  test("429, then an answer: after the pause that the server asks for", async () => {
    const busy = refusal(429, '{"error": {"message": "slow down"}}', { "retry-after": "0" });
    const server = await serve([busy, busy, replay("vllm/completions.sse")]);
    const model = await open(server);
    expect((await complete(model, ask("?"))).text).toMatch(/^Её/);
    expect(server.requests.length).toBe(4);
  });

  test("busy for good, or for longer than is waited", async () => {
    const model = await open(await serve([refusal(503, "<html>Bad gateway</html>", { "retry-after": "0" })]));
    await expect(complete(model, ask("?"))).rejects.toThrow(/not ready or overloaded \(HTTP 503\)/);
    running!.server.close();
    const server = await serve([refusal(429, "{}", { "retry-after": "3600" })]);
    await expect(complete(await open(server), ask("?"))).rejects.toThrow(/HTTP 429/);
    expect(server.requests.length).toBe(2);
  });

  test("an abort ends the waiting for another try", async () => {
    const model = await open(await serve([refusal(503, "", { "retry-after": "30" })]));
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const { finishReason } = await complete(model, ask("?"), { signal: controller.signal });
    expect(finishReason).toBe("aborted");
  });

  test("a prompt that leaves too little room is asked for what is left", async () => {
    const server = await serve([
      refusal(400, fixture("vllm/error-room.json")),
      replay("vllm/completions.sse"),
    ]);
    const { text } = await complete(await open(server), ask("?"), { maxTokens: 3000 });
    expect(text).toMatch(/^Её/);
    expect(server.requests.map(({ body }) => body.max_tokens)).toEqual([undefined, 3000, null]);
  });

  test("an unknown model, at opening and later", async () => {
    const server = await serve([refusal(404, fixture("vllm/error-model.json"))]);
    await expect(open(server, { modelId: "vikhr-9b" })).rejects.toThrow(/no model 'vikhr-9b'.*vikhr$/);
    await expect(complete(await open(server), ask("?"))).rejects.toThrow(/check --model-id/);
  });

  test("a context that is too short", async () => {
    const message =
      "This model's maximum context length is 4096 tokens. However, your request has 5000 input tokens.";
    const model = await open(await serve([refusal(400, JSON.stringify({ error: { message, code: 400 } }))]));
    const refused = await complete(model, ask("?")).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ContextOverflowError);
    expect(refused).toMatchObject({ promptTokens: 5000, contextSize: 4096 });
  });

  test("the key is never shown, whatever the server says", async () => {
    const apiKey = "sk-very-secret";
    for (const status of [400, 401, 403, 404, 422, 500, 503]) {
      const parrot: Handler = (request, response) =>
        void response
          .writeHead(status, { "retry-after": "0" })
          .end(JSON.stringify({ error: { message: `You sent ${request.headers.authorization}` } }));
      const model = await open(await serve([parrot]), { apiKey });
      const error = await complete(model, ask("?")).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(VikhrError);
      expect(String((error as Error).stack)).not.toContain(apiKey);
      expect((error as Error).message).not.toContain("\n");
      running!.server.close();
    }
  });

  test("nobody there, a redirect, a web page, a wrong address", async () => {
    const nobody = openRemote({ baseUrl: "http://127.0.0.1:9", modelId: "x", retries: 0 });
    await expect(nobody).rejects.toThrow(InputError);
    await expect(openRemote({ baseUrl: "http://127.0.0.1:9", modelId: "x", retries: 0 })).rejects.toThrow(
      /127.0.0.1:9\/v1: the server cannot be reached/,
    );
    const moved = await open(await serve([refusal(307, "", { location: "https://example.org/" })]));
    await expect(complete(moved, ask("?"))).rejects.toThrow(/sends elsewhere/);
    for (const baseUrl of ["localhost:8000", "ftp://x", "http://user:pass@x", "http://x/?a=1", ""])
      await expect(openRemote({ baseUrl, modelId: "x" })).rejects.toThrow(InputError);
    const key = openRemote({ baseUrl: "http://127.0.0.1:9", modelId: "x", apiKey: "a\nb" });
    await expect(key).rejects.toThrow(/characters that no key has/);
  });
});
