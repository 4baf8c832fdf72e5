/**
 * Guards the house: who may import whom, and how large a file may grow. Reads imports with a regular expression:
 * formatted code keeps them in one shape.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const RANKS: Record<string, number> = {
  spec: 0,
  "errors.ts": 0,
  util: 0,
  gguf: 1,
  tensor: 1,
  documents: 1,
  datasets: 1,
  testing: 1,
  tokenizer: 2,
  chunking: 2,
  model: 3,
  index: 3,
  engine: 4,
  retrieval: 4,
  grounding: 5,
  train: 5,
  synthesis: 5,
  evaluation: 5,
  rag: 6,
  server: 7,
  mcp: 7,
  cli: 8,
  "index.ts": 9,
};

/** Pairs of one rank, or of different ranks, which meet only in spec and in files. */
const FORBIDDEN: [string, string][] = [
  ["rag", "train"],
  ["rag", "evaluation"],
  ["evaluation", "train"],
  ["train", "evaluation"],
  ["train", "synthesis"],
  ["synthesis", "train"],
  ["grounding", "engine"],
  ["rag", "engine"],
  ["train", "engine"],
  ["synthesis", "engine"],
  ["evaluation", "engine"],
  ["mcp", "engine"],
];

/** Packages with native code: imported dynamically, and only here. */
const NATIVE: Record<string, string[]> = {
  "node-llama-cpp": ["src/engine/embedded/bindings.ts"],
  koffi: [
    "src/tensor/ggml/bindings.ts",
    "src/tensor/ggml/cpu-library.ts",
    "src/tensor/ggml/compiled/check-products.ts",
    "src/engine/embedded/llama.ts",
  ],
  "@lancedb/lancedb": ["src/index/lance-index.ts"],
};

const MAX_LINES = 600;
const MAX_FILES_IN_FOLDER = 20;

interface Import {
  file: string;
  target: string;
  typeOnly: boolean;
  dynamic: boolean;
}

const root = resolve(import.meta.dirname, "..");
const files = walk(join(root, "src")).filter((f) => /\.tsx?$/.test(f));
const sources = files.filter((f) => !/\.test\.tsx?$/.test(f));

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  const found: Import[] = [];
  for (const m of text.matchAll(/^(import|export)\s+(type\s+)?(?:[^;"']*?\sfrom\s+)?["']([^"']+)["']/gm))
    found.push({ file, target: m[3]!, typeOnly: Boolean(m[2]), dynamic: false });
  for (const m of text.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g))
    found.push({ file, target: m[1]!, typeOnly: false, dynamic: true });
  return found;
}

function room(file: string): string {
  return relative(join(root, "src"), file).split("/")[0]!;
}

const imports = sources.flatMap(importsOf);
const local = imports
  .filter((i) => i.target.startsWith("."))
  .map((i) => ({ ...i, path: resolve(dirname(i.file), i.target) }));

describe("the house", () => {
  test("every folder has a rank", () => {
    expect(files.map(room).filter((r) => !(r in RANKS))).toEqual([]);
  });

  test("ARCHITECTURE.md shows the folders that there are, with their ranks", () => {
    const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
    const shown = [...text.matchAll(/^\| (\d) \| `([\w.]+)\/?` \|/gm)].map(
      (m) => [m[2]!, Number(m[1])] as const,
    );
    const rooms = [...new Set(files.map(room))].sort();
    expect(shown.map(([name]) => name).sort()).toEqual(rooms);
    for (const [name, rank] of shown) expect([name, rank]).toEqual([name, RANKS[name]]);
  });

  test("imports go to a lower rank, or stay in their folder", () => {
    const wrong = local
      .filter((i) => room(i.file) !== room(i.path))
      .filter((i) => {
        // What lies outside src has no rank, and nobody in src may need it.
        const to = RANKS[room(i.path)] ?? Number.POSITIVE_INFINITY;
        return to >= RANKS[room(i.file)]! && to !== 0;
      })
      .map((i) => `${relative(root, i.file)} -> ${i.target}`);
    expect(wrong).toEqual([]);
  });

  test("spec holds types and constants only, and imports nothing else", () => {
    const wrong = local.filter((i) => room(i.file) === "spec" && room(i.path) !== "spec");
    expect(wrong).toEqual([]);
  });

  test("forbidden pairs never meet", () => {
    const wrong = local
      .filter((i) => FORBIDDEN.some(([from, to]) => room(i.file) === from && room(i.path) === to))
      .map((i) => `${relative(root, i.file)} -> ${i.target}`);
    expect(wrong).toEqual([]);
  });

  test("fakes are imported by tests only", () => {
    const wrong = local.filter((i) => room(i.path) === "testing" && room(i.file) !== "testing");
    expect(wrong).toEqual([]);
  });

  test("no cycle of value imports", () => {
    const edges = new Map<string, string[]>();
    for (const i of local)
      if (!i.typeOnly && !i.dynamic) edges.set(i.file, [...(edges.get(i.file) ?? []), i.path]);
    const done = new Set<string>();
    const visit = (file: string, path: string[]): string[] => {
      if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
      if (done.has(file)) return [];
      for (const next of edges.get(file) ?? []) {
        const cycle = visit(next, [...path, file]);
        if (cycle.length > 0) return cycle;
      }
      done.add(file);
      return [];
    };
    for (const file of edges.keys()) expect(visit(file, []).map((f) => relative(root, f))).toEqual([]);
  });

  test("native modules are loaded late, each in one place", () => {
    for (const [name, places] of Object.entries(NATIVE)) {
      const users = imports.filter((i) => i.target === name && !i.typeOnly);
      expect(users.filter((i) => !i.dynamic).map((i) => relative(root, i.file))).toEqual([]);
      expect(users.map((i) => relative(root, i.file)).filter((f) => !places.includes(f))).toEqual([]);
    }
  });

  test("files stay small, folders too, and every module says what it is", () => {
    const long = sources.filter((f) => readFileSync(f, "utf8").split("\n").length > MAX_LINES);
    expect(long.map((f) => relative(root, f))).toEqual([]);
    const folders = new Map<string, number>();
    for (const f of sources) folders.set(dirname(f), (folders.get(dirname(f)) ?? 0) + 1);
    expect([...folders].filter(([, n]) => n > MAX_FILES_IN_FOLDER)).toEqual([]);
    const silent = sources.filter((f) => !/^(#![^\n]*\n)?(\/\*\*|\/\/)/.test(readFileSync(f, "utf8")));
    expect(silent.map((f) => relative(root, f))).toEqual([]);
  });

  test("sources exist", () => {
    expect(sources.length).toBeGreaterThan(3);
    expect(statSync(join(root, "src")).isDirectory()).toBe(true);
  });
});
