/**
 * A server killed at random moments of an upload, while it comes and while it is read: the collection opens, what is in it
 * is whole, the next sync brings it to its files, and the same upload again to what a run gives that nobody killed.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Collection } from "../../src/index/collections.ts";
import { startDocumentsServer } from "./documents-server.ts";
import { syncUnderLock } from "./sync-under-lock.ts";

const POINTS = 6;
const FILES = 60;
/** Of a file, each a chunk: several commits in all. */
const SECTIONS = 80;
const WORDS = ["ледник", "glacier", "берег", "harbour", "метр", "signal", "архив", "window"];

const files = new Map(
  Array.from({ length: FILES }, (_, file) => [
    `${file}.md`,
    Array.from(
      { length: SECTIONS },
      (_, i) => `# ${i}\n\nФайл ${file}: ${WORDS[(file + i) % WORDS.length]} ${i}.\n`,
    ).join("\n"),
  ]),
);

/** Of all files; the body is a little longer. */
const BYTES = [...files.values()].reduce((sum, content) => sum + Buffer.byteLength(content), 0);

let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "vikhr-api-killed-")));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const uploads = (data: string) => join(data, "collections/default/uploads");

/** All of the body, or only its first bytes, after which the client says no more. */
async function upload(url: string, bytes = Infinity): Promise<unknown> {
  const form = new FormData();
  for (const [name, content] of files) form.append("file", new Blob([content]), name);
  const written = new Response(form);
  const whole = Buffer.from(await written.arrayBuffer());
  const body = (async function* () {
    yield whole.subarray(0, bytes);
    if (bytes < whole.length) await new Promise(() => undefined);
  })();
  const headers = { "content-type": written.headers.get("content-type")! };
  const request = { method: "POST", body, duplex: "half", headers } as unknown as RequestInit;
  return (await fetch(`${url}/v1/documents`, request)).json();
}

const namesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** By file, the chunks that are found, and the words that find them; throws where a file is not whole. */
async function stateOf(data: string): Promise<Record<string, string[]>> {
  const index = await new Collection("default", join(data, "collections")).openIndex();
  try {
    const state: Record<string, string[]> = {};
    for (const { source } of await index.documents()) state[source.slice(uploads(data).length + 1)] = [];
    for (const word of WORDS)
      for (const { chunk } of await index.search(word, 100_000)) {
        const name = chunk.source.slice(uploads(data).length + 1);
        expect(files.get(name)!.slice(chunk.start, chunk.end)).toBe(chunk.text);
        state[name]!.push(`${word} ${chunk.start}`);
      }
    for (const found of Object.values(state)) {
      // Those that score alike come in the order in which they were written.
      found.sort();
      expect(found).toHaveLength(SECTIONS);
      expect(new Set(found).size).toBe(SECTIONS);
    }
    return state;
  } finally {
    await index.close();
  }
}

test(`${POINTS} kills`, async () => {
  const clean = join(root, "clean");
  const server = await startDocumentsServer(clean);
  const started = performance.now();
  expect(await upload(server.url)).toMatchObject({ added: FILES, failed: [] });
  const duration = performance.now() - started;
  await server.kill();
  const whole = await stateOf(clean);
  expect(Object.keys(whole)).toHaveLength(FILES);

  const data = join(root, "killed");
  const kept: number[] = [];
  for (let i = 0; i < POINTS; i++) {
    rmSync(data, { recursive: true, force: true });
    const killed = await startDocumentsServer(data);
    if (i % 2 === 0) {
      upload(killed.url, BYTES * (0.1 + 0.8 * Math.random())).catch(() => undefined);
      await until(() => namesIn(join(data, "collections/.incoming")).length > 1);
    } else {
      upload(killed.url).catch(() => undefined);
      await until(() => namesIn(uploads(data)).length > 0);
    }
    await new Promise((resolve) => setTimeout(resolve, (Math.random() * duration) / 2));
    await killed.kill();
    await stateOf(data);
    await syncUnderLock(data);
    const state = await stateOf(data);
    const names = namesIn(uploads(data));
    for (const name of names) expect(readFileSync(join(uploads(data), name), "utf8")).toBe(files.get(name));
    expect(Object.keys(state).sort()).toEqual(names.sort());
    kept.push(names.length);
    const again = await startDocumentsServer(data);
    expect(await upload(again.url)).toMatchObject({ failed: [] });
    await again.kill();
    expect(await stateOf(data)).toEqual(whole);
  }
  // Killed while it came, nothing of it is kept; the others are killed while the files are moved and read.
  expect(kept.filter((_, i) => i % 2 === 0)).toEqual(Array(POINTS / 2).fill(0));
  expect(Math.min(...kept.filter((_, i) => i % 2 === 1))).toBeGreaterThan(0);
}, 600_000);
