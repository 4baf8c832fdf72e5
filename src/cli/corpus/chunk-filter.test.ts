import { resolve } from "node:path";
import { expect, test } from "vitest";
import { InputError } from "../../errors.ts";
import { chunkFilter } from "./chunk-filter.ts";

test("flags become a filter; none is none", () => {
  expect(chunkFilter({})).toEqual({});
  expect(chunkFilter({ path: "docs", format: "html" })).toEqual({
    filter: { pathPrefix: resolve("docs"), formats: ["html"] },
  });
  expect(chunkFilter({ path: "https://a.org/b" })).toEqual({ filter: { pathPrefix: "https://a.org/b" } });
  const { filter } = chunkFilter({ since: "2026-01-31", until: "2026-01-31" });
  expect(filter!.modifiedTo! - filter!.modifiedFrom!).toBe(24 * 60 * 60 * 1000 - 1);
  expect(new Date(filter!.modifiedFrom!).getDate()).toBe(31);
});

test("what cannot be meant is said", () => {
  for (const flags of [{ format: "pdf" }, { since: "yesterday" }, { until: "2026-13-01" }])
    expect(() => chunkFilter(flags)).toThrow(InputError);
});
