/** Models that are not here yet: one behind a server, one on a hub, through the command line. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fakeLanguageModel } from "../../src/testing/fake-language-model.ts";
import { openaiTestServer, TEST_API_KEY, type TestServer } from "../conformance/openai-test-server.ts";
import { writeTinyGguf } from "../conformance/tiny-gguf.ts";
import { type FakeHub, startFakeHub } from "./fake-hub.ts";
import { runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-models-"));
afterAll(() => rmSync(folder, { recursive: true }));
const documents = [
  { doc_id: 0, title: "Ice", content: "Glaciers lost 30% of their volume in 50 years." },
  { doc_id: 1, title: "Sea", content: "Sea level has risen by 20 cm since 1880." },
];
writeFileSync(join(folder, "documents.json"), JSON.stringify(documents));

describe("a server", () => {
  let server: TestServer;
  beforeAll(async () => {
    const model = fakeLanguageModel({
      name: "tiny",
      replies: ({ options }) =>
        options.grammar
          ? '{"relevant_doc_ids": [1]}'
          : "Sea level has risen by 20 cm since 1880. Nobody expected unicorns.\u001b[2J",
    });
    server = await openaiTestServer(model);
  });
  afterAll(() => server.close());
  const ask = (key: string, ...args: string[]) =>
    runCli(["ask", "How much has the sea risen?", "-d", "documents.json", "--model-id", "tiny", ...args], {
      folder,
      env: { VIKHR_BASE_URL: server.baseUrl, OPENAI_API_KEY: key },
    });

  test("answers in two steps; sources by number, and what has none is named", async () => {
    const run = await ask(TEST_API_KEY);
    expect([run.code, run.stderr]).toEqual([0, ""]);
    expect(run.stdout).toMatch(
      /^Relevant documents: 1 \(\d\.\d\d\)\n\nSea level has risen by 20 cm since 1880\. Nobody expected unicorns\.␛\[2J\n/,
    );
    expect(run.stdout).toMatch(/Sources:\n {2}\[1\] Sea · document 1, characters 0-40\n/);
    expect(run.stdout).toMatch(/Nothing in the documents was found for: sentence \d\n$/);
  });

  test("refuses a wrong key in one line that does not show it", async () => {
    const run = await ask("sk-wrong-987");
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/^vikhr: [^\n]*API key[^\n]*\n$/);
    expect(run.stderr).not.toContain("987");
  });
});

describe("a hub", () => {
  let hub: FakeHub;
  let file: Buffer;
  beforeAll(async () => {
    await writeTinyGguf(join(folder, "original.gguf"));
    file = readFileSync(join(folder, "original.gguf"));
    hub = await startFakeHub(file);
  });
  afterAll(() => hub.close());
  const pull = (reference: string, ...args: string[]) =>
    runCli(["models", "pull", reference, ...args], { folder, env: { HF_ENDPOINT: hub.url } });

  test("a model is pulled once, and used by its name", async () => {
    const name = "hf:some/tiny/tiny.gguf";
    const first = await pull(name, "--json");
    expect([first.code, first.stderr]).toEqual([0, ""]);
    const pulled = JSON.parse(first.stdout) as { path: string; bytes: number; cached: boolean };
    expect(pulled).toMatchObject({ bytes: file.length, cached: false });
    expect(readFileSync(pulled.path).equals(file)).toBe(true);
    expect((await pull(name)).stdout).toMatch(/^already here: [^\n]*\n$/);
    const info = await runCli(["models", "info", name], { folder });
    expect(info.stdout).toMatch(/^file +.*tiny\.gguf\nname +tiny\n/);
  });

  test("what the file system refuses is one line", async () => {
    const name = "hf:some/tiny/taken.gguf";
    const { path } = JSON.parse((await pull(name, "--json")).stdout) as { path: string };
    rmSync(path);
    mkdirSync(join(path, "in-the-way"), { recursive: true });
    const run = await pull(name);
    expect([run.code, run.stdout]).toEqual([2, ""]);
    expect(run.stderr).toMatch(/^vikhr: [A-Z]+: [^\n]*taken\.gguf[^\n]*: check the disk[^\n]*\n$/);
  });

  test("a file that is not what the hub says is not kept", async () => {
    hub.isLying = true;
    const run = await pull("hf:some/tiny/other.gguf");
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/^vikhr: [^\n]*checksum[^\n]*\n$/);
  });
});
