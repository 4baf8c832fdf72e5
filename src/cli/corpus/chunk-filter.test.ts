import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { InputError } from "../../errors.ts";
import { chunkFilter } from "./chunk-filter.ts";

test("flags become a filter; none is none", () => {
  expect(chunkFilter({})).toEqual({});
  expect(chunkFilter({ path: "nowhere", format: "html" })).toEqual({
    filter: { pathPrefix: resolve("nowhere"), formats: ["html"] },
  });
  expect(chunkFilter({ format: "pdf" })).toEqual({ filter: { formats: ["pdf"] } });
  expect(chunkFilter({ path: "https://a.org/b" })).toEqual({ filter: { pathPrefix: "https://a.org/b" } });
  const { filter } = chunkFilter({ since: "2026-01-31", until: "2026-01-31" });
  expect(filter!.modifiedTo! - filter!.modifiedFrom!).toBe(24 * 60 * 60 * 1000 - 1);
  expect(new Date(filter!.modifiedFrom!).getDate()).toBe(31);
  expect(chunkFilter({ since: "2028-02-29" })).toHaveProperty("filter.modifiedFrom");
});

test("a path is that of what a link leads to, as the sources' are", () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "vikhr-filter-")));
  mkdirSync(join(root, "docs"));
  symlinkSync("docs", join(root, "link"));
  expect(chunkFilter({ path: join(root, "link") })).toEqual({ filter: { pathPrefix: join(root, "docs") } });
  rmSync(root, { recursive: true });
});

test("what cannot be meant is said", () => {
  const wrong = [
    { format: "jpg" },
    { since: "yesterday" },
    { until: "2026-13-01" },
    { since: "2026-02-30" },
    { until: "2026-04-31" },
    { since: "2026-01-00" },
    { since: "2027-02-29" },
  ];
  for (const flags of wrong) expect(() => chunkFilter(flags)).toThrow(InputError);
});
