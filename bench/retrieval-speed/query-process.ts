/** A process that opens an index that is there and asks it: first for candidates, then for ranked hits. */
import { openLanceIndex } from "../../src/index/lance-index.ts";
import { search } from "../../src/retrieval/search.ts";
import { answer } from "./in-process.ts";
import { cpuSeconds, type Resident, resident } from "./usage.ts";

export interface QueryInput {
  folder: string;
  /** Sets of queries. */
  queries: string[][];
}

export interface QueryTimes {
  /** Processor milliseconds of opening the index and the first query, with all that is loaded for it. */
  first: number;
  /** Of each query of each set: `ChunkIndex.search` for 100 candidates, and the whole of `search` for 10 hits. */
  candidates: number[][];
  hits: number[][];
  /** Chunks that the index found for the queries, in all. */
  found: number;
  resident: Resident;
}

const CANDIDATES = 100;

answer(async ({ folder, queries }: QueryInput): Promise<QueryTimes> => {
  const start = cpuSeconds();
  const index = await openLanceIndex(folder);
  await index.search(queries[0]![0]!, CANDIDATES);
  const first = 1000 * (cpuSeconds() - start);
  let found = 0;
  const candidates = await timeEach(queries, async (query) => {
    found += (await index.search(query, CANDIDATES)).length;
  });
  const hits = await timeEach(queries, (query) => search(index, query, { topK: 10 }));
  const used = resident();
  await index.close();
  return { first, candidates, hits, found, resident: used };
});

async function timeEach(
  sets: readonly (readonly string[])[],
  ask: (query: string) => Promise<unknown>,
): Promise<number[][]> {
  const times: number[][] = [];
  for (const queries of sets) {
    const own: number[] = [];
    for (const query of queries) {
      const start = cpuSeconds();
      await ask(query);
      own.push(1000 * (cpuSeconds() - start));
    }
    times.push(own);
  }
  return times;
}
