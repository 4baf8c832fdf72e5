import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { ListedModel } from "../../engine/registry/list-models.ts";
import { InputError } from "../../errors.ts";
import { Corpora } from "../../rag/corpora.ts";
import { fakeLanguageModel } from "../../testing/fake-language-model.ts";
import { createApp } from "../create-app.ts";
import { ModelHost } from "../model-host.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-models-"));
afterAll(() => rmSync(folder, { recursive: true }));
const corpora = new Corpora({ folder, open: () => Promise.reject(new Error("not opened here")) });
const KNOWN: ListedModel[] = [
  {
    name: "nano",
    description: "small",
    state: "ready",
    bytes: 5,
    approximateBytes: undefined,
    path: "/nano",
  },
  {
    name: "vikhr-8b:Q4_K_M",
    description: "large",
    state: "ready",
    bytes: 9,
    approximateBytes: 10,
    path: "/8b",
  },
  {
    name: "vikhr-nemo-12b:Q4_K_M",
    description: "larger",
    state: "partial",
    bytes: 3,
    approximateBytes: 20,
    path: "/12b",
  },
];

let models: ModelHost;
let pulls: string[];
beforeEach(async () => {
  pulls = [];
  models = new ModelHost({
    async open(name = "nano") {
      if (name === "quotes") return undefined;
      if (name === "damaged") throw new InputError("damaged.gguf is damaged");
      return fakeLanguageModel({ name, replies: () => "yes" });
    },
    bytesOf: () => 0,
    list: async () => KNOWN,
    async pull(name, { onProgress }) {
      pulls.push(name);
      if (name === "nano") throw new InputError("nano comes with the package");
      onProgress({ bytes: 0, total: 100, bytesPerSecond: 0 });
      onProgress({ bytes: 40, total: 100, bytesPerSecond: 20 });
      return { path: "/8b", bytes: 100, sha256: "ab", cached: false };
    },
    availableMemory: () => 1e9,
  });
  await models.load();
});

const app = (isLocal = true) =>
  createApp({ model: () => models.model, models, corpora, isLocal, webFolder: folder });
const get = async (path: string) => (await app().request(path)).json();
const post = (path: string, model: string, isLocal?: boolean) =>
  app(isLocal).request(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model }),
  });

describe("/v1/models", () => {
  test("names what answers, and then what answers instead", async () => {
    const before = Math.floor(Date.now() / 1000);
    const one = { id: "nano", object: "model", created: expect.any(Number), owned_by: "vikhr" };
    expect(await get("/v1/models")).toEqual({ object: "list", data: [one] });
    expect(await get("/v1/models/nano")).toEqual(one);
    expect(((await get("/v1/models/nano")) as { created: number }).created).toBeGreaterThanOrEqual(
      before - 60,
    );
    const loaded = await post("/v1/models/load", "vikhr-8b");
    expect(loaded.status).toBe(200);
    expect(await loaded.json()).toEqual({ ...one, id: "vikhr-8b" });
    expect(await get("/v1/models")).toMatchObject({ data: [{ id: "vikhr-8b" }] });
    expect(await get("/v1/models/nano")).toMatchObject({
      error: { param: "model", code: "model_not_found" },
    });
    await post("/v1/models/load", "quotes");
    expect(await get("/v1/models")).toMatchObject({ data: [{ id: "quotes" }] });
    expect(await get("/health")).toMatchObject({ status: "ok", model: null });
  });

  test("a model that cannot be opened is said, and the old one answers", async () => {
    const response = await post("/v1/models/load", "damaged");
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { message: "damaged.gguf is damaged" } });
    expect(await get("/v1/models")).toMatchObject({ data: [{ id: "nano" }] });
  });

  test("known ones, and which of them is loaded, however it was called", async () => {
    const states = async () =>
      ((await get("/v1/models/known")) as { data: { state: string }[] }).data.map((m) => m.state);
    expect(await states()).toEqual(["loaded", "ready", "partial"]);
    await post("/v1/models/load", "vikhr-8b");
    expect(await states()).toEqual(["ready", "loaded", "partial"]);
    expect(await get("/v1/models/known")).toMatchObject({
      data: [{ id: "nano", bytes: 5, approximate_bytes: null }, {}, {}],
    });
  });
});

describe("pull", () => {
  test("tells how far it is, then what came", async () => {
    const response = await post("/v1/models/pull", "vikhr-8b");
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    const events = (await response.text())
      .trim()
      .split("\n\n")
      .map((event) => /^event: (.+)\ndata: (.+)$/.exec(event)!.slice(1));
    expect(events.map(([name, data]) => [name, JSON.parse(data!)])).toEqual([
      ["progress", { downloaded_bytes: 0, total_bytes: 100, bytes_per_second: 0, eta_seconds: null }],
      ["progress", { downloaded_bytes: 40, total_bytes: 100, bytes_per_second: 20, eta_seconds: 3 }],
      ["done", { id: "vikhr-8b", bytes: 100, sha256: "ab" }],
    ]);
  });

  test("what goes wrong is its last event", async () => {
    const text = await (await post("/v1/models/pull", "nano")).text();
    expect(text).toMatch(/^event: error\ndata: \{"error":\{"message":"nano comes with the package"/);
  });
});

test("who is not at this machine loads and pulls nothing", async () => {
  for (const path of ["/v1/models/load", "/v1/models/pull"]) {
    const response = await post(path, "vikhr-8b", false);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { type: "permission_error" } });
  }
  expect(pulls).toEqual([]);
  expect(models.model?.name).toBe("nano");
});
