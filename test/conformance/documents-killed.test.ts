/**
 * A server killed at random moments of an upload, while it comes and while it is read: the collection opens, what is in it
 * is whole, the next sync brings it to its files, and the same upload again to what a run gives that nobody killed.
 */
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readDocument } from "../../src/documents/read-document.ts";
import { Collection } from "../../src/index/collections.ts";
import { syncIndex } from "../../src/index/sync.ts";
import { startDocumentsServer } from "./documents-server.ts";

const POINTS = 6;
const FILES = 100;
/** Of a file, each a chunk: several commits in all. */
const SECTIONS = 40;
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

let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "vikhr-api-killed-")));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const uploads = (data: string) => join(data, "collections/default/uploads");

async function upload(url: string): Promise<unknown> {
  const body = new FormData();
  for (const [name, content] of files) body.append("file", new Blob([content]), name);
  return (await fetch(`${url}/v1/documents`, { method: "POST", body })).json();
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
      expect(found).toHaveLength(SECTIONS);
      expect(new Set(found).size).toBe(SECTIONS);
    }
    return state;
  } finally {
    await index.close();
  }
}

/** Under the lock, which the dead process may have left behind. */
async function sync(data: string): Promise<void> {
  const collection = new Collection("default", join(data, "collections"));
  const unlock = await collection.lock();
  const index = await collection.openIndex();
  await syncIndex(index, collection.contents().sources, { read: readDocument });
  await index.close();
  await unlock();
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
    const answer = upload(killed.url).catch(() => undefined);
    // Spread over the whole of it, so that both halves are met.
    await new Promise((resolve) => setTimeout(resolve, ((i + Math.random()) / POINTS) * duration));
    await killed.kill();
    await answer;
    // Killed before the collection was made: that is one of its moments, too.
    if (!readdirSync(root).includes("killed")) {
      kept.push(0);
      continue;
    }
    await stateOf(data);
    await sync(data);
    const state = await stateOf(data);
    const names =
      new Collection("default", join(data, "collections")).contents().sources.length > 0
        ? readdirSync(uploads(data))
        : [];
    for (const name of names) expect(readFileSync(join(uploads(data), name), "utf8")).toBe(files.get(name));
    expect(Object.keys(state).sort()).toEqual(names.sort());
    kept.push(names.length);
    const again = await startDocumentsServer(data);
    expect(await upload(again.url)).toMatchObject({ failed: [] });
    await again.kill();
    expect(await stateOf(data)).toEqual(whole);
  }
  // Some were killed while it came, and some while it was read.
  expect(kept).toContain(0);
  expect(kept).toContain(FILES);
}, 600_000);
