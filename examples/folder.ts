/**
 * A folder read, searched and asked, in memory and without a model: `npx tsx examples/folder.ts`.
 * In a program of your own the import is from "vikhr"; openLanceIndex(path) keeps the index on disk.
 */
import { join } from "node:path";
import {
  answerFromCorpus,
  answerWithPassages,
  DocumentReader,
  MemoryIndex,
  referenceOf,
  search,
  syncIndex,
} from "../src/index.ts";

const index = new MemoryIndex();
const reader = new DocumentReader();
const folder = join(import.meta.dirname, "collection");
const { added, chunks } = await syncIndex(index, [{ location: folder, kind: "folder" }], reader);
reader.close();
console.log(`${added} files, ${chunks} chunks`);

for (const { rank, chunk } of await search(index, "return of bread, возврат хлеба", { topK: 2 }))
  console.log(rank, chunk.title);

for await (const event of answerFromCorpus(index, answerWithPassages, "Сколько доплачивают за дежурство?")) {
  if (event.type === "text") console.log(event.text);
  if (event.type === "done")
    for (const { sources } of event.answer.citations)
      console.log(sources.map((source) => referenceOf(source, event.answer.hits)));
}
