/** `vikhr search`: a query in, the best chunks of a collection out: where each stands, and its passage nearest to the query. */
import picocolors from "picocolors";
import { EXIT, InputError } from "../../errors.ts";
import { nearestPassage } from "../../grounding/quotes/nearest-passage.ts";
import { DEFAULT_COLLECTION } from "../../index/collections.ts";
import type { Hit } from "../../retrieval/search.ts";
import type { Chunk } from "../../spec/document.ts";
import { terminalJson, terminalLine } from "../../util/terminal-text.ts";
import { visibleText } from "../../util/visible-text.ts";
import { excerpt } from "../excerpt.ts";
import { chunkFilter } from "./chunk-filter.ts";
import { openCorpusForSearch } from "./open-corpus.ts";
import { existing } from "./sync.ts";

/** Of a hit's text. */
const EXCERPT = 300;
const MAX_HITS = 1000;

export async function search(query: string, flags: Record<string, unknown>): Promise<number> {
  if (query.trim() === "") throw new InputError("the query is empty: give some words");
  const topK = Number(flags.k ?? 10);
  if (!Number.isInteger(topK) || topK < 1 || topK > MAX_HITS)
    throw new InputError(`-k is ${String(flags.k)} and must be a whole number from 1 to ${MAX_HITS}`);
  const collection = existing(String(flags.collection ?? DEFAULT_COLLECTION));
  const filter = chunkFilter(flags);
  const retrieval = await import("../../retrieval/search.ts");
  const { index, embedding, close } = await openCorpusForSearch(collection);
  try {
    const hits = await retrieval.search(index, query, { topK, ...filter, ...(embedding && { embedding }) });
    if (flags.json) process.stdout.write(`${terminalJson(hits.map(toJson))}\n`);
    else for (const hit of hits) process.stdout.write(describe(hit, query));
    if (hits.length === 0 && !flags.json) process.stderr.write("vikhr: nothing was found\n");
    return EXIT.ok;
  } finally {
    await close();
  }
}

function toJson({ chunk, score, rank }: Hit): object {
  return { rank, score, ...chunk };
}

function describe({ chunk, rank }: Hit, query: string): string {
  const color = picocolors.createColors(Boolean(process.stdout.isTTY) && picocolors.isColorSupported);
  const { source, page, start, end, title } = chunk;
  const place = `${source}${page === undefined ? "" : `, page ${page}`}, characters ${start}-${end}`;
  return [
    `${color.cyan(`[${rank}]`)} ${color.bold(terminalLine(title ?? "", EXCERPT))}`,
    `    ${color.dim(terminalLine(place, 1000))}`,
    `    ${nearest(chunk, query)}`,
    "",
  ].join("\n");
}

/** HTML as a reader sees it; all else as it stands: code has signs that look like tags. */
function nearest({ title, text, format }: Chunk, query: string): string {
  const passage = nearestPassage(query, { docId: 0, title, content: text }, EXCERPT);
  if (format === "html") return excerpt(passage?.text ?? visibleText(text).text, passage?.match, EXCERPT);
  return excerpt(passage ? text.slice(passage.start, passage.end) : text, passage?.match, EXCERPT);
}
