/**
 * `vikhr add` and `vikhr sync`, killed at random moments: the collection opens, search works, and the next sync brings
 * it to exactly what a run gives that nobody killed.
 */
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Collection } from "../../src/index/collections.ts";
import { runCli } from "../e2e/run-cli.ts";
import { syncUnderLock } from "./sync-under-lock.ts";

const POINTS = 20;
const FILES = 240;
/** Sections of a file, each a chunk: several commits in all. */
const SECTIONS = 40;

let root: string;
let docs: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "vikhr-killed-")));
  docs = join(root, "docs");
  mkdirSync(docs);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const WORDS = ["ледник", "glacier", "берег", "harbour", "метр", "signal", "архив", "window"];

function writeFiles(version: number): void {
  for (let file = 0; file < FILES; file++) {
    const path = join(docs, `${file}.md`);
    if (version === 2 && file % 7 === 0) rmSync(path);
    else if (version === 1 || file % 3 === 0)
      writeFileSync(
        path,
        Array.from(
          { length: SECTIONS + version },
          (_, i) => `# ${i}\n\nФайл ${file}, version ${version}: ${WORDS[(file + i) % WORDS.length]} ${i}.\n`,
        ).join("\n"),
      );
  }
}

const vikhr = (args: string[], data: string, onStart?: (pid: number) => void) =>
  runCli(args, {
    folder: root,
    env: { VIKHR_DATA: data },
    ...(onStart && { onStart: (child) => onStart(child.pid!) }),
  });

/** All that can be seen of a collection. */
async function stateOf(data: string): Promise<object> {
  const index = await new Collection("default", join(data, "collections")).openIndex();
  try {
    const documents = (await index.documents()).map(({ source, hash, title, addedAs }) => ({
      source: source.slice(root.length),
      hash,
      title,
      addedAs: addedAs.slice(root.length),
    }));
    const found: Record<string, string[]> = {};
    for (const word of WORDS) {
      const hits = await index.search(word, 100_000);
      found[word] = hits.map(({ chunk: { source, start, text } }) => `${source} ${start} ${text}`).sort();
    }
    return { documents, found };
  } finally {
    await index.close();
  }
}

test(`${POINTS} kills, half of them in add, half in sync`, async () => {
  const clean = join(root, "clean");
  writeFiles(1);
  const started = performance.now();
  expect((await vikhr(["add", "docs"], clean)).code).toBe(0);
  const duration = performance.now() - started;
  const first = await stateOf(clean);

  const data = join(root, "killed");
  const nothing = () => rmSync(data, { recursive: true, force: true });
  for (let i = 0; i < POINTS / 2; i++) {
    await killedRun(["add", "docs"], data, { begin: nothing, duration });
    // Killed before it wrote what to add: that is one of its moments, too, and add is how to go on.
    if (new Collection("default", join(data, "collections")).contents().sources.length === 0)
      await vikhr(["add", "docs"], data);
    await stateOf(data);
    await syncUnderLock(data);
    expect(await stateOf(data)).toEqual(first);
  }

  cpSync(clean, join(root, "base"), { recursive: true });
  writeFiles(2);
  expect((await vikhr(["sync"], clean)).code).toBe(0);
  const second = await stateOf(clean);
  expect(second).not.toEqual(first);
  const asFirst = () => {
    nothing();
    cpSync(join(root, "base"), data, { recursive: true });
  };
  for (let i = 0; i < POINTS / 2; i++) {
    await killedRun(["sync"], data, { begin: asFirst, duration });
    await stateOf(data);
    await syncUnderLock(data);
    expect(await stateOf(data)).toEqual(second);
  }
});

/** Killed at a random moment; where it ended before, again from the beginning, with half of the time. */
async function killedRun(
  args: string[],
  data: string,
  { begin, duration }: { begin: () => void; duration: number },
): Promise<void> {
  for (let most = duration; ; most /= 2) {
    begin();
    let timer: NodeJS.Timeout | undefined;
    const { code } = await vikhr(args, data, (pid) => {
      timer = setTimeout(() => process.kill(-pid, "SIGKILL"), Math.random() * most);
    });
    clearTimeout(timer);
    if (code === null) return;
  }
}
