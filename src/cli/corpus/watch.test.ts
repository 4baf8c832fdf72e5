import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LinkedSource } from "../../index/collections.ts";
import { watch } from "./watch.ts";

/** A busy machine tells late. */
const PATIENT = { timeout: 10_000 };

let root: string;
let calls: number;
let ready: number[];
let abort: AbortController;
let running: Promise<void>;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "vikhr-watch-")));
  mkdirSync(join(root, "docs"));
  calls = 0;
  ready = [];
  abort = new AbortController();
});
afterEach(async () => {
  abort.abort();
  await running;
  rmSync(root, { recursive: true });
});

const write = (name: string) => writeFileSync(join(root, name), String(Math.random()));
const folder = (name: string): LinkedSource => ({ location: join(root, name), kind: "folder" });

async function start(sources: () => LinkedSource[], changed = async () => true): Promise<void> {
  running = watch(
    sources,
    () => {
      calls++;
      return changed();
    },
    { signal: abort.signal, quiet: 20, look: 50, onReady: (paths) => ready.push(paths) },
  );
  await expect.poll(() => calls, PATIENT).toBeGreaterThan(0);
}

/** Whether doing so is a change that is seen. */
async function seen(change: () => void): Promise<void> {
  await quiet();
  const before = calls;
  change();
  await expect.poll(() => calls, PATIENT).toBeGreaterThan(before);
}

/** Until nothing comes any more of what was done before. */
async function quiet(): Promise<void> {
  for (let before = -1; before !== calls; ) {
    before = calls;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

test("changes of files, of any depth, are seen; of what is hidden they are not", async () => {
  await start(() => [folder("docs")]);
  expect(ready).toEqual([1]);
  await seen(() => write("docs/a.md"));
  await seen(() => mkdirSync(join(root, "docs/b")));
  await seen(() => write("docs/b/c.md"));
  await quiet();
  const before = calls;
  mkdirSync(join(root, "docs/.git"));
  write("docs/.git/index");
  await quiet();
  expect(calls).toBe(before);
});

test("a folder that goes is a change, and so is one that comes again, whose files are seen", async () => {
  await start(() => [folder("docs")]);
  for (const away of [() => rmSync(join(root, "docs"), { recursive: true }), () => rename("docs", "other")]) {
    await seen(away);
    await seen(() => mkdirSync(join(root, "docs")));
    await seen(() => write("docs/again.md"));
  }
  await seen(() => {
    rmSync(join(root, "docs"), { recursive: true });
    mkdirSync(join(root, "docs"));
  });
  await seen(() => write("docs/at-once.md"));
});

test("where there is nothing to watch it stays, and sees what is linked later", async () => {
  const sources: LinkedSource[] = [{ location: "https://example.org/", kind: "address" }];
  await start(() => sources);
  expect(ready).toEqual([0]);
  sources.push({ location: join(root, "docs", "*.md"), kind: "pattern" });
  await quiet();
  await seen(() => write("docs/a.md"));
  await seen(() => sources.push(folder("later")));
  await seen(() => mkdirSync(join(root, "later")));
  await seen(() => write("later/b.md"));
  expect(ready).toEqual([0]);
});

test("what could not be done is done again", async () => {
  let tries = 0;
  await start(
    () => [folder("docs")],
    async () => ++tries > 2,
  );
  await expect.poll(() => tries, PATIENT).toBe(3);
});

function rename(from: string, to: string): void {
  renameSync(join(root, from), join(root, to));
}
