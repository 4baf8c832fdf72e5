import { describe, expect, test } from "vitest";
import { ConflictError, InputError } from "../errors.ts";
import { type FakeLanguageModel, fakeLanguageModel } from "../testing/fake-language-model.ts";
import { ModelHost, type ModelSource } from "./model-host.ts";

const GIGABYTE = 1e9;

/** Models of one gigabyte each; `open` is told before one is made. */
function source(free: number, open: (name: string | undefined) => Promise<void> = async () => undefined) {
  const opened: FakeLanguageModel[] = [];
  const parts: ModelSource = {
    async open(name) {
      await open(name);
      if (name === "quotes") return undefined;
      const model = fakeLanguageModel({ name: name ?? "first", replies: () => "yes" });
      opened.push(model);
      return model;
    },
    bytesOf(name) {
      if (name === "none") throw new InputError("there is no model none");
      return name === "quotes" ? 0 : GIGABYTE;
    },
    list: async () => [],
    pull: async (_name, { signal }) => {
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      throw new Error("not reached");
    },
    availableMemory: () => free,
  };
  return { parts, opened };
}

/** Everything that can go on without a clock has gone on. */
const settled = () => new Promise((done) => setImmediate(done));

describe.each([
  ["beside each other", 100 * GIGABYTE],
  ["one after the other", GIGABYTE],
])("exchange, %s", (_, free) => {
  test("a request under way keeps its model open until it ends, and no longer", async () => {
    const { parts, opened } = source(free);
    const host = new ModelHost(parts);
    await host.load();
    const release = host.hold();
    const mine = host.model;
    const loading = host.load("second");
    await settled();
    expect(opened[0]!.closed).toBe(false);
    expect(mine).toBe(opened[0]);
    release();
    release();
    await loading;
    await settled();
    expect(opened[0]!.closed).toBe(true);
    expect(host.model?.name).toBe("second");
    expect(host.loaded.name).toBe("second");
    await host.close();
    expect(opened[1]!.closed).toBe(true);
  });

  test("a model that cannot be opened leaves one that answers", async () => {
    const { parts, opened } = source(free, async (name) => {
      if (name === "broken") throw new InputError("broken.gguf is damaged");
    });
    const host = new ModelHost(parts);
    await host.load();
    await expect(host.load("broken")).rejects.toThrow("is damaged");
    expect(host.model?.name).toBe("first");
    expect(opened.at(-1)!.closed).toBe(false);
    await expect(host.load("none")).rejects.toThrow("there is no model");
    expect(host.model?.name).toBe("first");
    await host.load("quotes");
    expect(host.model).toBeUndefined();
    expect(opened.every(({ closed }) => closed)).toBe(true);
  });
});

test("where there is room the first answers until the second is there, else nobody does", async () => {
  for (const [free, isBeside] of [
    [100 * GIGABYTE, true],
    [GIGABYTE, false],
  ] as const) {
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((done) => {
      begin = done;
    });
    const { parts } = source(free, (name) => (name === "second" ? begun : Promise.resolve()));
    const host = new ModelHost(parts);
    expect(() => host.model).toThrow(expect.objectContaining({ status: 503 }));
    await host.load();
    const loading = host.load("second");
    await settled();
    expect(host.isReady).toBe(isBeside);
    await expect(host.load("third")).rejects.toThrow(ConflictError);
    begin();
    await loading;
    expect(host.model?.name).toBe("second");
  }
});

test("a request that began before two exchanges finishes on whichever model it took", async () => {
  const { parts, opened } = source(100 * GIGABYTE);
  const host = new ModelHost(parts);
  await host.load();
  const release = host.hold();
  await host.load("second");
  const mine = host.model;
  await host.load("third");
  await settled();
  expect(mine).toBe(opened[1]);
  expect(opened.map(({ closed }) => closed)).toEqual([false, false, false]);
  release();
  await settled();
  expect(opened.map(({ closed }) => closed)).toEqual([true, true, false]);
});

test("what is downloaded stops with the host", async () => {
  const host = new ModelHost(source(GIGABYTE).parts);
  const { signal } = new AbortController();
  const pulling = host.pull("vikhr-8b", { signal, onProgress: () => undefined });
  host.stopPulls();
  await expect(pulling).rejects.toThrow(/abort/i);
});
