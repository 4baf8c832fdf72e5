/** Several servers as one model: the suite of all engines, and servers that break, refuse, hang up and come back. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openEmbedded } from "../../src/engine/embedded/open-embedded.ts";
import { openRouted, type RoutedOptions } from "../../src/engine/routing/open-routed.ts";
import { InputError } from "../../src/errors.ts";
import type { LanguageModel } from "../../src/spec/language-model.ts";
import { runCli } from "../e2e/run-cli.ts";
import { ask, complete, languageModelConformance } from "./language-model.ts";
import { openaiTestServer, TEST_API_KEY, type TestServer } from "./openai-test-server.ts";
import { writeTinyGguf } from "./tiny-gguf.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-routed-"));
const NOBODY_THERE = "http://127.0.0.1:1/v1";
let embedded: LanguageModel;
let real: TestServer[] = [];

beforeAll(async () => {
  const path = join(folder, "tiny.gguf");
  await writeTinyGguf(path);
  embedded = await openEmbedded(path);
  real = [await openaiTestServer(embedded), await openaiTestServer(embedded)];
});
afterAll(async () => {
  for (const server of real) await server.close();
  await embedded.close();
  rmSync(folder, { recursive: true });
});

languageModelConformance(
  "routed",
  () =>
    openRouted({
      baseUrls: [...real.map(({ baseUrl }) => baseUrl), NOBODY_THERE],
      apiKey: TEST_API_KEY,
      modelId: "tiny",
    }),
  {
    lacks: { namesakes: "OpenAI's completions report alternatives as an object, keyed by their spelling" },
  },
);

test("the command takes several, and says which of them is not there", async () => {
  const addresses = ["--base-url", NOBODY_THERE, "--base-url", real[0]!.baseUrl, "--model-id", "tiny"];
  const documents = join(import.meta.dirname, "../../examples/documents/warming.json");
  const run = await runCli(["ask", "Why?", "-d", documents, ...addresses, "--max-tokens", "5"], {
    folder,
    env: { OPENAI_API_KEY: TEST_API_KEY },
  });
  expect(run.stderr).toMatch(
    /^vikhr: left out until it answers: http:\/\/127\.0\.0\.1:1\/v1: [^\n]*reached[^\n]*\n$/,
  );
  expect(run.code).toBe(0);
  const none = await runCli(["ask", "Why?", "-d", documents, ...addresses], {
    folder,
    env: { OPENAI_API_KEY: "sk-wrong" },
  });
  expect(none.stderr).toMatch(
    /\nvikhr: none of the servers [^\n]*127\.0\.0\.1:1\/v1, [^\n]*API key[^\n]*\n$/,
  );
  expect(none.code).toBe(2);
});

/** A server that says its name word by word, and can be told what to do instead. */
class Backend {
  readonly name: string;
  /** `hang`: says nothing more after two words. `cut`: breaks off there. A number: refuses all with that status. */
  does: "answer" | "hang" | "cut" | number = "answer";
  /** Completions that it was asked for, and those whose connection was closed before their end. */
  asked = 0;
  left = 0;
  #server: Server | undefined;
  #port = 0;

  constructor(name: string) {
    this.name = name;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.#port}/v1`;
  }

  get words(): string[] {
    return Array.from({ length: 12 }, (_, i) => `${this.name}${i} `);
  }

  /** On the port that it had before, if any. */
  async start(): Promise<void> {
    const server = createServer(async (request, response) => {
      for await (const _ of request);
      if (request.url === "/v1/models") return this.#models(response);
      this.asked++;
      response.on("close", () => {
        if (!response.writableFinished) this.left++;
      });
      if (typeof this.does === "number")
        return void response.writeHead(this.does).end(JSON.stringify({ error: { message: "no" } }));
      await this.#answer(response);
    });
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** As kill -9 would end it. */
  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => (this.#server ? this.#server.close(resolve) : resolve(undefined)));
    this.#server = undefined;
  }

  #models(response: ServerResponse): void {
    response.end(JSON.stringify({ data: [{ id: "m", owned_by: "vllm", max_model_len: 4096 }] }));
  }

  async #answer(response: ServerResponse): Promise<void> {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const send = (choice: object) => response.write(`data: ${JSON.stringify({ choices: [choice] })}\n\n`);
    for (const [i, text] of this.words.entries()) {
      if (response.destroyed) return;
      if (i === 2 && this.does === "hang") return;
      if (i === 2 && this.does === "cut") return void response.destroy();
      send({ text });
      await sleep(5);
    }
    send({ text: "", finish_reason: "stop" });
    response.end("data: [DONE]\n\n");
  }
}

describe("servers that fail", () => {
  let backends: Backend[] = [];
  let model: LanguageModel | undefined;
  afterEach(async () => {
    await model?.close();
    for (const backend of backends) await backend.stop();
    model = undefined;
    backends = [];
  });

  async function start(count: number, options: Partial<RoutedOptions> = {}): Promise<LanguageModel> {
    backends = Array.from({ length: count }, (_, i) => new Backend("abc"[i]!));
    for (const backend of backends) await backend.start();
    const baseUrls = backends.map(({ baseUrl }) => baseUrl);
    model = await openRouted({ baseUrls, modelId: "m", retries: 0, ...options });
    return model;
  }

  const whole = ({ words }: Backend) => words.join("");
  const request = async (prompt: string) => {
    let text = "";
    try {
      for await (const chunk of model!.generate(ask(prompt))) text += chunk.text;
      return { text };
    } catch (error) {
      return { text, error: error as Error };
    }
  };
  /** The same one would go where it was read before. */
  let asked = 0;
  const another = () => `question ${asked++}`;
  const until = async (holds: () => boolean | Promise<boolean>) => {
    while (!(await holds())) await sleep(20);
  };

  test("refusals of one are not seen, those of the request are", async () => {
    await start(2);
    for (const status of [429, 500, 503]) {
      backends[0]!.does = status;
      for (let i = 0; i < 6; i++) expect((await request(`${status} ${i}`)).text).toBe(whole(backends[1]!));
      const before = backends[0]!.asked;
      backends[0]!.does = "answer";
      // It is back after a pause, and takes its turn.
      await until(async () => (await request(another())).text === whole(backends[0]!));
      expect(backends[0]!.asked).toBe(before + 1);
    }
    for (const backend of backends) backend.does = 400;
    const asked = backends[0]!.asked + backends[1]!.asked;
    const { error } = await request("wrong");
    expect(error).toBeInstanceOf(InputError);
    expect(error!.message).toMatch(/refuses the request/);
    expect(backends[0]!.asked + backends[1]!.asked).toBe(asked + 1);
  });

  test("one is killed under load: what it had begun breaks off, all else comes whole, and it is asked when it is back", async () => {
    const changes: string[] = [];
    await start(3, {
      onChange: (name, failure) => changes.push(`${failure === undefined ? "back" : "out"} ${name}`),
    });
    const [victim, ...others] = backends as [Backend, Backend, Backend];
    const first = Array.from({ length: 30 }, (_, i) => request(`first ${i}`));
    await until(() => victim.asked >= 10);
    await victim.stop();
    const second = Array.from({ length: 30 }, (_, i) => request(`second ${i}`));
    for (const { text, error } of await Promise.all([...first, ...second])) {
      if (!error) expect(backends.map(whole)).toContain(text);
      else {
        expect(text).not.toBe("");
        expect(whole(victim).startsWith(text)).toBe(true);
        expect(error.message).toMatch(/in the middle of the answer/);
      }
    }
    expect((await Promise.all(second)).some(({ error }) => error)).toBe(false);
    expect(changes).toEqual([`out ${victim.baseUrl}`]);
    const before = victim.asked;
    await victim.start();
    await until(async () => (await request(another())).text === whole(victim));
    expect(victim.asked).toBe(before + 1);
    expect(changes).toEqual([`out ${victim.baseUrl}`, `back ${victim.baseUrl}`]);
    expect(others.every(({ asked }) => asked > 0)).toBe(true);
  });

  test("one that breaks off in the middle: what came is not said again", async () => {
    await start(2);
    backends[0]!.does = "cut";
    const { text, error } = await request("one");
    expect(text).toBe("a0 a1 ");
    expect(error!.message).toMatch(/in the middle of the answer/);
    expect(backends.map(({ asked }) => asked)).toEqual([1, 0]);
    expect((await request("two")).text).toBe(whole(backends[1]!));
  });

  test("one that never sends its first token is left after the time that it is given, for another", async () => {
    await start(2, { firstTokenTimeout: 300 });
    const silent = createServer((asked, response) => {
      if (asked.url === "/v1/models")
        response.end(JSON.stringify({ data: [{ id: "m", owned_by: "vllm", max_model_len: 2048 }] }));
    });
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const silentUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/v1`;
    await model!.close();
    model = await openRouted({
      baseUrls: [silentUrl, backends[0]!.baseUrl],
      modelId: "m",
      retries: 0,
      firstTokenTimeout: 300,
    });
    expect(model.contextSize).toBe(2048);
    expect((await request("one")).text).toBe(whole(backends[0]!));
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  });

  test("an abort closes the connection to the server that is asked, and asks no other", async () => {
    await start(2);
    for (const backend of backends) backend.does = "hang";
    const controller = new AbortController();
    let text = "";
    for await (const chunk of model!.generate(ask("one"), { signal: controller.signal })) {
      text += chunk.text;
      if (text === "a0 a1 ") controller.abort();
      if (chunk.finishReason) expect(chunk.finishReason).toBe("aborted");
    }
    await until(() => backends[0]!.left === 1);
    expect(backends.map(({ asked }) => asked)).toEqual([1, 0]);
  });

  test("all are gone: one line names them; one that is back answers the next request at once", async () => {
    await start(2);
    const { text, usage } = await complete(model!, ask("one"));
    expect([text, usage.completionTokens]).toEqual([whole(backends[0]!), 12]);
    for (const backend of backends) await backend.stop();
    const { error } = await request("two");
    for (const { baseUrl } of backends) expect(error!.message).toContain(baseUrl);
    expect(error!.message).toMatch(/^none of the servers [^\n]* cannot be reached [^\n]*$/);
    await backends[1]!.start();
    expect((await request("three")).text).toBe(whole(backends[1]!));
  });

  test("addresses are checked before anybody is asked", async () => {
    const open = (...baseUrls: string[]) => openRouted({ baseUrls, modelId: "m" });
    await expect(open("http://a/v1", "nowhere")).rejects.toThrow(/no web address/);
    await expect(open("http://a", "http://a/v1/")).rejects.toThrow(/named twice/);
    await expect(open()).rejects.toThrow(/no server is named/);
  });
});
