import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative, resolve } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../errors.ts";
import { listModels } from "./list-models.ts";
import { cachePaths, modelCacheFolder } from "./model-cache.ts";
import { parseModelReference } from "./registry.ts";
import { resolveModel } from "./resolve-model.ts";

test("names, with and without a quantization, and references to the hub", () => {
  const root = resolve(import.meta.dirname, "../../..");
  expect(parseModelReference("nano")).toEqual({
    kind: "shipped",
    name: "nano",
    path: join(root, "models/nano.gguf"),
  });
  expect(existsSync(join(root, "package.json"))).toBe(true);
  expect(parseModelReference("vikhr-8b")).toEqual(parseModelReference("vikhr-8b:q4_k_m"));
  expect(parseModelReference("vikhr-8b:Q8_0")).toEqual({
    kind: "hub",
    name: "vikhr-8b:Q8_0",
    repository: "featherless-ai-quants/Vikhrmodels-Vikhr-Llama3.1-8B-Instruct-R-21-09-24-GGUF",
    file: "Vikhrmodels-Vikhr-Llama3.1-8B-Instruct-R-21-09-24-Q8_0.gguf",
  });
  expect(parseModelReference("vikhr-nemo-12b")).toMatchObject({
    file: "Vikhr-Nemo-12B-Instruct-R-21-09-24-Q4_K_M.gguf",
  });
  expect(parseModelReference("hf:a/b/c/d.gguf")).toMatchObject({ repository: "a/b", file: "c/d.gguf" });
  for (const path of ["model.gguf", "./nano", "C:\\x.gguf", "vikhr-8b:Q4_K_M:x", "vikhr", ""])
    expect(parseModelReference(path)).toBeUndefined();
  expect(() => parseModelReference("vikhr-8b:Q9")).toThrow(/choose one of Q3_K_M/);
});

test("no reference leads out of the cache", () => {
  const hostile = [
    "hf:../../etc/passwd.gguf",
    "hf:a/b/../../../x.gguf",
    "hf:a/b/..%2f.gguf",
    "hf:a/b/c\\..\\d.gguf",
    "hf:a/b/.gguf",
    "hf:/a/b.gguf",
    "hf:a/b/\u0000.gguf",
    "hf:a/b/-rf.gguf",
    "hf:a/b/x.txt",
    "hf:a/b.gguf",
    `hf:a/b/${"x".repeat(300)}.gguf`,
    "hf:a/b/c?d#e.gguf",
    "hf:a/b/CON:x.gguf",
  ];
  for (const value of hostile) expect(() => parseModelReference(value)).toThrow(InputError);
  const part = fc.oneof(fc.constantFrom("..", ".", "a", "/", "\\", "%2e", ".gguf", "hf:", ":"), fc.string());
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      let reference: ReturnType<typeof parseModelReference>;
      try {
        reference = parseModelReference(`hf:${parts.join("")}`);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        return;
      }
      if (reference?.kind !== "hub") throw new Error("a reference to the hub is one, or an error");
      for (const path of Object.values(cachePaths("/cache", reference)))
        expect(relative("/cache/hub", path)).not.toMatch(/^\.\.|^\//);
    }),
  );
});

test("the cache folder is where the environment says", () => {
  expect(modelCacheFolder({ VIKHR_CACHE: "/big/disk" })).toBe("/big/disk");
  expect(modelCacheFolder({ XDG_CACHE_HOME: "/xdg" })).toBe("/xdg/vikhr/models");
  expect(modelCacheFolder({ XDG_CACHE_HOME: "relative" })).toMatch(/\.cache\/vikhr\/models$/);
});

test("what --model may be", () => {
  const folder = mkdtempSync(join(tmpdir(), "vikhr-resolve-"));
  const path = join(folder, "own.gguf");
  writeFileSync(path, "");
  expect(resolveModel(path, folder)).toEqual({ path, name: path });
  expect(() => resolveModel("vikhr-8b", folder)).toThrow("run vikhr models pull vikhr-8b");
  expect(() => resolveModel(join(folder, "none.gguf"), folder)).toThrow(/there is no model or file/);
  rmSync(folder, { recursive: true });
});

test("a list without a cache: each known model once", async () => {
  const models = await listModels({ cache: join(tmpdir(), "vikhr-no-such-cache") });
  expect(models.map(({ name }) => name)).toEqual(["nano", "vikhr-8b:Q4_K_M", "vikhr-nemo-12b:Q4_K_M"]);
  expect(models.slice(1).map(({ state }) => state)).toEqual(["absent", "absent"]);
  expect(basename(models[1]!.path)).toMatch(/Q4_K_M\.gguf$/);
});
