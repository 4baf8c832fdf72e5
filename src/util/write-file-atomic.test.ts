import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { removeAbandoned, writeFileAtomic } from "./write-file-atomic.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-atomic-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("strings, bytes and generators are written and replace what was there", async () => {
  const path = join(folder, "a.txt");
  await writeFileAtomic(path, "старое");
  await writeFileAtomic(path, Buffer.from("новое"));
  expect(readFileSync(path, "utf8")).toBe("новое");
  await writeFileAtomic(
    path,
    (function* () {
      yield "по ";
      yield Buffer.from("частям");
    })(),
  );
  expect(readFileSync(path, "utf8")).toBe("по частям");
});

test("a failure in the middle leaves the old file and no temporary one", async () => {
  const path = join(folder, "b.txt");
  await writeFileAtomic(path, "old");
  const broken = (function* () {
    yield "half";
    throw new Error("boom");
  })();
  await expect(writeFileAtomic(path, broken)).rejects.toThrow("boom");
  expect(readFileSync(path, "utf8")).toBe("old");
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("many writers at once leave one whole version", async () => {
  const path = join(folder, "c.txt");
  const versions = Array.from({ length: 8 }, (_, i) => String(i).repeat(5000));
  await Promise.all(versions.map((version) => writeFileAtomic(path, version)));
  expect(versions).toContain(readFileSync(path, "utf8"));
});

test("temporary files of killed writers are removed, of this file only", async () => {
  const path = join(folder, "d.txt");
  const abandoned = [".d.txt.0123456789ab.tmp", ".d.txt.ba9876543210.tmp"];
  const others = [".dd.txt.0123456789ab.tmp", ".d.txt.notes.tmp", "d.txt.0123456789ab.tmp"];
  for (const name of [...abandoned, ...others]) writeFileSync(join(folder, name), "half");
  await removeAbandoned(path);
  const left = readdirSync(folder);
  expect(abandoned.filter((name) => left.includes(name))).toEqual([]);
  expect(others.filter((name) => !left.includes(name))).toEqual([]);
});
