import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { InputError, UnavailableError, VikhrError } from "../../errors.ts";
import type { GenerateOptions, LanguageModel, Prompt } from "../../spec/language-model.ts";
import type { Message } from "../../spec/message.ts";
import { type FakeLanguageModel, fakeLanguageModel } from "../../testing/fake-language-model.ts";
import { TransientError } from "../retrying.ts";
import { RoutedModel } from "./routed-model.ts";

const opened: RoutedModel[] = [];
afterEach(async () => {
  for (const model of opened.splice(0)) await model.close();
});

/** What a server does with the next request: fails after so many chunks. */
interface Fault {
  after: number;
  error: Error;
}

interface Server {
  name: string;
  contextSize: number;
  /** While it is there no check succeeds. */
  down: Error | undefined;
  faults: (Fault | undefined)[];
  checks: number;
  /** Requests it got, in order. */
  got: Prompt[];
  underWay: number;
  stopped: number;
  /** Requests wait for it between their chunks. */
  gate: Promise<void> | undefined;
}

const server = (name: string, more: Partial<Server> = {}): Server => ({
  name,
  contextSize: 8192,
  down: undefined,
  faults: [],
  checks: 0,
  got: [],
  underWay: 0,
  stopped: 0,
  gate: undefined,
  ...more,
});

function modelOf(one: Server): LanguageModel {
  const fake: FakeLanguageModel = fakeLanguageModel({
    replies: () => `this is what ${one.name} says`,
    contextSize: one.contextSize,
  });
  async function* generate(prompt: Prompt, options: GenerateOptions = {}) {
    one.got.push(prompt);
    one.underWay++;
    const fault = one.faults.shift();
    let chunks = 0;
    let isDone = false;
    try {
      for await (const chunk of fake.generate(prompt, options)) {
        if (fault?.after === chunks++) throw fault.error;
        await one.gate;
        yield chunk;
      }
      isDone = true;
    } finally {
      one.underWay--;
      if (!isDone) one.stopped++;
    }
  }
  const score: LanguageModel["score"] = async (prompt, completion, options) => {
    one.got.push(prompt);
    const fault = one.faults.shift();
    if (fault) throw fault.error;
    return fake.score(prompt, completion, options);
  };
  return { ...fake, generate, score };
}

async function route(servers: readonly Server[], retries = 0, onChange?: () => void): Promise<RoutedModel> {
  const backEnds = servers.map((one) => ({
    name: `http://${one.name}`,
    open: async () => {
      one.checks++;
      if (one.down) throw one.down;
      return modelOf(one);
    },
  }));
  const model = await RoutedModel.open({ name: "m", backEnds, retries, onChange });
  opened.push(model);
  return model;
}

const ask = (content: string): Prompt => ({ messages: [{ role: "user", content }] });

async function complete(model: LanguageModel, prompt: Prompt, options: GenerateOptions = {}) {
  let text = "";
  let end: { finishReason?: string; error?: unknown } = {};
  try {
    for await (const chunk of model.generate(prompt, options)) {
      text += chunk.text;
      if (chunk.finishReason) end = { finishReason: chunk.finishReason };
    }
  } catch (error) {
    end = { error };
  }
  return { text, ...end };
}

const busy = () => new TransientError("http://x: the server is overloaded (HTTP 429): try again later");
const broken = () => new VikhrError("http://x: the server failed (HTTP 500): see its log");
const refused = () => new InputError("http://x: the server refuses the request (HTTP 400)");
const says = (one: Server) => `this is what ${one.name} says`;

describe("where servers fail", () => {
  const fault = fc.record({
    after: fc.nat(4),
    error: fc.constantFrom(busy, broken, refused).map((make) => make()),
  });
  const plans = fc.array(
    fc.array(fc.option(fault, { nil: undefined, freq: 2 }), { minLength: 1, maxLength: 4 }),
    { minLength: 1, maxLength: 4 },
  );

  test("no text comes twice or mixed, and another is asked only before the first token", async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (faults) => {
        const servers = faults.map((plan, i) => server(`s${i}`, { faults: [...plan] }));
        const model = await route(servers);
        for (let request = 0; request < 4; request++) {
          for (const one of servers) one.got = [];
          const planned = new Map(servers.map((one) => [one, one.faults[0]]));
          const { text, finishReason, error } = await complete(model, ask(`question ${request}`));
          const asked = servers.filter(({ got }) => got.length > 0);
          expect(asked.every(({ got }) => got.length === 1)).toBe(true);
          const failed = asked.filter((one) => planned.get(one));
          if (finishReason !== undefined) {
            // All who failed did so before their first chunk, and not by what was asked.
            expect(failed.every((one) => planned.get(one)!.after === 0)).toBe(true);
            expect(failed.some((one) => planned.get(one)!.error.message.includes("400"))).toBe(false);
            expect(asked.length).toBe(failed.length + 1);
            expect(asked.map(says)).toContain(text);
          } else if (text !== "") {
            expect(failed.some((one) => planned.get(one)!.after > 0 && says(one).startsWith(text))).toBe(
              true,
            );
          } else {
            // Nobody was left, or the request was to blame.
            expect(failed.length).toBe(asked.length);
            if (error instanceof InputError && !(error instanceof UnavailableError))
              expect(failed.some((one) => planned.get(one)!.error === error)).toBe(true);
            else expect(asked.length).toBe(servers.length);
          }
          expect(servers.every(({ underWay }) => underWay === 0)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("a request that is to blame is refused by the first, who stays", async () => {
    const servers = [server("a", { faults: [{ after: 0, error: refused() }] }), server("b")];
    const model = await route(servers);
    expect((await complete(model, ask("one"))).error).toMatchObject({ message: refused().message });
    expect(servers[1]!.got).toHaveLength(0);
    await complete(model, ask("two"));
    await complete(model, ask("three"));
    expect(servers.map(({ got }) => got.length)).toEqual([2, 1]);
  });

  test("one that is down gets checks and nothing else, until it answers them", async () => {
    const servers = [server("a"), server("b"), server("c")];
    const model = await route(servers);
    const [a, b] = servers as [Server, Server];
    a.down = busy();
    a.faults = [{ after: 0, error: busy() }];
    for (let i = 0; i < 20; i++) expect((await complete(model, ask(`${i}`))).finishReason).toBe("stop");
    expect(a.got).toHaveLength(1);
    expect(b.got.length + servers[2]!.got.length).toBe(20);
  });

  test("where all are down they are checked for every request, and the first that is back has it", async () => {
    const servers = [server("a"), server("b")];
    const model = await route(servers);
    for (const one of servers) {
      one.down = busy();
      one.faults = [{ after: 0, error: busy() }];
    }
    expect((await complete(model, ask("one"))).text).toBe("");
    expect((await complete(model, ask("two"))).text).toBe("");
    expect(servers.map(({ got }) => got.length)).toEqual([1, 1]);
    servers[1]!.down = undefined;
    expect((await complete(model, ask("three"))).text).toBe("this is what b says");
  });

  test("a prompt that makes each of them fail does not take them from others", async () => {
    const servers = [server("a"), server("b")];
    const model = await route(servers, 1);
    for (const one of servers) one.faults = [{ after: 0, error: broken() }];
    const { error } = await complete(model, ask("poison"));
    expect(error).toBeInstanceOf(VikhrError);
    // Once each: what is no passing fault is not tried again.
    expect(servers.map(({ got }) => got.length)).toEqual([1, 1]);
    expect((await complete(model, ask("harmless"))).finishReason).toBe("stop");
  });

  test("where all fail one line names them, and it is an error as the last one was", async () => {
    const servers = [server("a"), server("b")];
    const model = await route(servers);
    for (const one of servers) one.faults = [{ after: 0, error: busy() }];
    const { error } = (await complete(model, ask("one"))) as { error: Error };
    expect(error).toBeInstanceOf(TransientError);
    expect(error.message).toBe(
      "none of the servers http://a, http://b answers; the last said: http://x: the server is overloaded (HTTP 429): try again later",
    );
    for (const one of servers) one.faults = [{ after: 0, error: broken() }];
    const other = (await complete(model, ask("two"))) as { error: Error };
    expect(other.error).not.toBeInstanceOf(InputError);
    expect(other.error.message).toMatch(/^none of the servers http:\/\/a, http:\/\/b answers; [^\n]*500/);
  });

  test("where all failed for a moment all are tried once more, as often as was said", async () => {
    const servers = [server("a"), server("b")];
    const model = await route(servers, 1);
    for (const one of servers) one.faults = [{ after: 0, error: busy() }];
    expect((await complete(model, ask("one"))).finishReason).toBe("stop");
    expect(servers.map(({ got }) => got.length).sort()).toEqual([1, 2]);
  });

  test("score goes to another as well, and refuses what is refused", async () => {
    const servers = [server("a"), server("b")];
    const model = await route(servers);
    servers[0]!.faults = [{ after: 0, error: busy() }];
    expect(await model.score(ask("one"), " two three")).toHaveLength(2);
    expect(servers.map(({ got }) => got.length)).toEqual([1, 1]);
    servers[1]!.faults = [{ after: 0, error: refused() }];
    await expect(model.score(ask("two"), " two")).rejects.toThrow("HTTP 400");
  });
});

describe("where they are well", () => {
  test("conversations stay where they began, also when others come between", async () => {
    const servers = [server("a"), server("b"), server("c")];
    const model = await route(servers);
    const begin = (i: number): Message[] => [
      { role: "system", content: "Answer from the documents." },
      { role: "user", content: `Tell me about ${i}. ${"Please do so. ".repeat(5)}` },
    ];
    const conversations = Array.from({ length: 9 }, (_, i) => ({
      messages: begin(i),
      at: new Set<Server>(),
    }));
    for (let turn = 0; turn < 4; turn++)
      for (const conversation of conversations) {
        const before = servers.map(({ got }) => got.length);
        const { text } = await complete(model, { messages: conversation.messages });
        conversation.at.add(servers.find(({ got }, i) => got.length > before[i]!)!);
        conversation.messages = [
          ...conversation.messages,
          { role: "assistant", content: text },
          { role: "user", content: `And ${turn}?` },
        ];
      }
    expect(conversations.every(({ at }) => at.size === 1)).toBe(true);
    expect(servers.map(({ got }) => got.length)).toEqual([12, 12, 12]);
  });

  test("one prompt asked by many at once goes where it is read, until that is too many", async () => {
    const servers = [server("a"), server("b")];
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    for (const one of servers) one.gate = gate;
    const model = await route(servers);
    const asked = Array.from({ length: 12 }, () => complete(model, ask("the same")));
    for (let i = 0; i < 200; i++) await Promise.resolve();
    const loads = servers.map(({ underWay }) => underWay).sort((x, y) => x - y);
    expect(loads[0]! + loads[1]!).toBe(12);
    expect(loads[1]! - loads[0]!).toBeLessThanOrEqual(3 + loads[0]! / 2);
    open();
    expect((await Promise.all(asked)).every(({ finishReason }) => finishReason === "stop")).toBe(true);
    expect(servers.map(({ underWay }) => underWay)).toEqual([0, 0]);
  });

  test("an abort stops the server's request, and no other is asked", async () => {
    const servers = [server("a"), server("b")];
    const model = await route(servers);
    const controller = new AbortController();
    let finishReason: string | undefined;
    for await (const chunk of model.generate(ask("one"), { signal: controller.signal })) {
      controller.abort();
      finishReason = chunk.finishReason;
    }
    expect(finishReason).toBe("aborted");
    expect(servers.map(({ got }) => got.length)).toEqual([1, 0]);
    // From before, and while it waits for servers that are gone.
    expect(await complete(model, ask("two"), { signal: controller.signal })).toEqual({
      text: "",
      finishReason: "aborted",
    });
    await expect(model.score(ask("three"), " x", { signal: controller.signal })).rejects.toThrow(/abort/);
    expect(servers.every(({ underWay }) => underWay === 0)).toBe(true);
    expect((await complete(model, ask("four"))).finishReason).toBe("stop");
  });

  test("whoever leaves the loop leaves the server", async () => {
    const servers = [server("a"), server("b")];
    const model = await route(servers);
    for await (const _ of model.generate(ask("one"))) break;
    expect(servers.map(({ stopped }) => stopped)).toEqual([1, 0]);
    for await (const _ of model.generate(ask("two"))) break;
    expect(servers.map(({ stopped, underWay }) => [stopped, underWay])).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });
});

describe("opened and closed", () => {
  test("one that answers is enough; the context is the least of those that do", async () => {
    const servers = [
      server("a", { contextSize: 300 }),
      server("b", { contextSize: 200, down: busy() }),
      server("c", { contextSize: 250 }),
    ];
    const model = await route(servers);
    expect(model.name).toBe("m");
    expect(model.contextSize).toBe(250);
    for (let i = 0; i < 4; i++) await complete(model, ask(`${i}`));
    expect(servers.map(({ got }) => got.length)).toEqual([2, 0, 2]);
  });

  test("where none answers it is said at once, with all their names", async () => {
    await expect(route([server("a", { down: busy() }), server("b", { down: busy() })])).rejects.toThrow(
      /^none of the servers http:\/\/a, http:\/\/b answers; /,
    );
  });

  test("what is wrong with what was asked of one is said, and all are closed", async () => {
    const wrong = new InputError("http://b: the server has no model 'm'");
    await expect(route([server("a"), server("b", { down: wrong })])).rejects.toBe(wrong);
  });

  test("closed, it answers nothing more, and what is under way ends as aborted", async () => {
    const servers = [server("a"), server("b")];
    const model = await route(servers);
    let finishReason: string | undefined;
    for await (const chunk of model.generate(ask("one"))) {
      if (!finishReason) await model.close();
      finishReason = chunk.finishReason;
    }
    expect(finishReason).toBe("aborted");
    expect((await complete(model, ask("two"))).error).toMatchObject({ message: "the model 'm' is closed" });
    await expect(model.score(ask("two"), "x")).rejects.toThrow("is closed");
  });
});
