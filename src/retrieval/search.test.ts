import { beforeEach, expect, test } from "vitest";
import { chunkDocument } from "../chunking/chunk-document.ts";
import { MemoryIndex } from "../index/memory-index.ts";
import type { EmbeddingModel } from "../spec/embedding-model.ts";
import { search } from "./search.ts";

let index: MemoryIndex;
beforeEach(() => {
  index = new MemoryIndex();
});

async function add(source: string, text: string, vector?: Float32Array): Promise<void> {
  const document = { source, title: null, format: "markdown" as const, text };
  const chunks = chunkDocument(document);
  await index.replace([
    {
      document: { ...document, hash: "", modified: 0, addedAs: source },
      chunks,
      ...(vector && { vectors: chunks.map(() => vector) }),
    },
  ]);
}

const sources = async (query: string, options = {}) =>
  (await search(index, query, options)).map(({ chunk }) => chunk.source);

test("what answers comes before what only shares words", async () => {
  await add("/a", "Ледник, ледник, ледник: так зовут и гостиницу, и магазин.");
  await add("/b", "Ледник Аккем отступает на 12 метров в год.");
  expect(await sources("На сколько метров в год отступает ледник Аккем?")).toEqual(["/b", "/a"]);
  const [hit] = await search(index, "ледник Аккем", { topK: 1 });
  expect(hit).toMatchObject({ rank: 1, chunk: { source: "/b", start: 0 } });
});

test("of two that say the same, the one whose document says more about it comes first", async () => {
  const same = "# Печь\n\nПечь растапливают с четырёх утра.";
  const more = "# Печь и хлеб\n\nПечь остывает за сутки, и печь чистят по средам, когда хлеба нет.";
  await add("/a", `${same}\n\n# Двор\n\n${"Двор метут. ".repeat(200)}`);
  await add("/b", `${same} Да.\n\n${more}\n\n# Двор\n\n${"Двор белят. ".repeat(200)}`);
  expect((await sources("Когда растапливают печь?"))[0]).toBe("/b");
});

test("copies are one hit", async () => {
  const text =
    "The harbour office opens at seven and closes at four, on Saturdays at noon, and never on Sundays.";
  await add("/1", text);
  await add("/2", `${text} `);
  await add("/3", "The harbour was built in 1912.");
  expect(await sources("When does the harbour office open?")).toEqual(["/1", "/3"]);
});

test("vectors bring what shares no word with the query, and are fused by rank", async () => {
  await add("/sea", "Уровень океана растёт.", Float32Array.of(1, 0));
  await add("/bread", "Хлеб пекут ночью.", Float32Array.of(0, 1));
  await add("/word", "The tide is a word.", Float32Array.of(0, 1));
  const asked: string[] = [];
  const embedding: EmbeddingModel = {
    name: "fixed",
    dimension: 2,
    embed: async (texts, { role }) => {
      asked.push(`${role}: ${texts.join()}`);
      return texts.map(() => Float32Array.of(1, 0));
    },
    close: async () => undefined,
  };
  expect(await sources("tide")).toEqual(["/word"]);
  const hybrid = await sources("tide", { embedding, topK: 3 });
  expect(hybrid).toHaveLength(3);
  expect(hybrid.slice(0, 2)).toContain("/sea");
  expect(asked).toEqual(["query: tide"]);
});
