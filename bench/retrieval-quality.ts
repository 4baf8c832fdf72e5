/**
 * npm run bench -- retrieval-quality
 *
 * XQuAD's paragraphs, each a document: how high search ranks the one that a question was written for, among the others
 * of its language, and hidden among chunks of real text in both. Lexical; `--embedding-model` (a GGUF file, or id@address)
 * adds the lines with vectors.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chunkDocument } from "../src/chunking/chunk-document.ts";
import { openEmbedding } from "../src/cli/corpus/open-corpus.ts";
import { findFiles } from "../src/documents/find-files.ts";
import { readDocument } from "../src/documents/read-document.ts";
import { Bm25 } from "../src/index/bm25.ts";
import type { ChunkIndex } from "../src/index/chunk-index.ts";
import { openLanceIndex } from "../src/index/lance-index.ts";
import { MemoryIndex } from "../src/index/memory-index.ts";
import { terms } from "../src/index/terms.ts";
import { search } from "../src/retrieval/search.ts";
import type { Chunk } from "../src/spec/document.ts";
import type { EmbeddingModel } from "../src/spec/embedding-model.ts";
import { hasXquad, LANGUAGES, type Language, loadXquad, type Xquad, type XquadQuestion } from "./xquad.ts";

const TEXT_FOLDER = join(import.meta.dirname, "../../shared/data/text");
/** Bars of recall at 6 and of the mean reciprocal rank. */
const BARS: Record<Language, [recall: number, mrr: number]> = { ru: [0.995, 0.965], en: [0.995, 0.98] };
const K = 6;

/** The place of a question's own paragraph, from 1; infinite where it was not found. */
type Ranker = (question: XquadQuestion) => Promise<number>;

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { "embedding-model": { type: "string" } } });
  if (!hasXquad()) {
    console.error("retrieval-quality: the XQuAD sample is not in ../shared/data/xquad");
    process.exitCode = 1;
    return;
  }
  const data = LANGUAGES.map(loadXquad);
  console.log(`Among the other 119 paragraphs of the language: recall@${K}, MRR; [bar]`);
  const model = values["embedding-model"];
  const embedding = model === undefined ? undefined : await openEmbedding(model);
  for (const xquad of data) await printAlone(xquad, embedding);
  await embedding?.close();
  if (!existsSync(TEXT_FOLDER)) {
    console.log("(../shared/data/text is not here: nothing to hide the paragraphs in)");
    return;
  }
  const noise = await realChunks();
  console.log(
    `\nAmong ${noise.length} chunks of real text and the 240 paragraphs of both languages (bar: 0.03 lost)`,
  );
  const folder = mkdtempSync(join(tmpdir(), "vikhr-bench-"));
  try {
    const index = await openLanceIndex(folder);
    await fill(index, [...noise, ...data.flatMap(chunksOf)]);
    for (const xquad of data) await print(xquad, "ships", (question) => rankIn(index, xquad, question));
    await index.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function printAlone(xquad: Xquad, embedding?: EmbeddingModel): Promise<void> {
  await print(
    xquad,
    "words (plain BM25, the peer)",
    bm25Ranker(xquad, (text) => terms(text).map(({ word }) => word)),
  );
  await print(
    xquad,
    "stems",
    bm25Ranker(xquad, (text) => terms(text).map(({ stem }) => stem)),
  );
  await print(
    xquad,
    "words and stems",
    bm25Ranker(xquad, (text) => terms(text).flatMap(({ word, stem }) => [word, `~${stem}`])),
  );
  const index = new MemoryIndex();
  await fill(index, chunksOf(xquad));
  const [recall, mrr] = BARS[xquad.language];
  await print(xquad, `ships: words, stems, reading [${recall}, ${mrr}]`, (question) =>
    rankIn(index, xquad, question),
  );
  if (!embedding) return;
  const vectors = await embedding.embed(xquad.paragraphs, { role: "passage" });
  const withVectors = new MemoryIndex();
  await fill(withVectors, chunksOf(xquad), vectors);
  await print(xquad, `vectors of ${embedding.name}`, async ({ question, paragraph }) => {
    const [vector] = await embedding.embed([question], { role: "query" });
    const near = await withVectors.nearest(vector!, xquad.paragraphs.length);
    return 1 + near.findIndex(({ chunk }) => chunk.source === sourceOf(xquad, paragraph));
  });
  await print(xquad, "ships, with vectors", (question) => rankIn(withVectors, xquad, question, embedding));
}

async function print(xquad: Xquad, name: string, rank: Ranker): Promise<void> {
  const found: { half: string; rank: number }[] = [];
  for (const question of xquad.questions) found.push({ half: question.half, rank: await rank(question) });
  const figures = (ranks: number[]) =>
    `${share(ranks.filter((r) => r <= K).length / ranks.length)} ${share(ranks.reduce((sum, r) => sum + 1 / r, 0) / ranks.length)}`;
  const report = found.filter(({ half }) => half === "report").map((one) => one.rank);
  console.log(
    `${xquad.language}  ${name.padEnd(44)} ${figures(found.map((one) => one.rank))}   report half ${figures(report)}`,
  );
}

const share = (value: number) => value.toFixed(4);

function bm25Ranker(xquad: Xquad, termsOf: (text: string) => string[]): Ranker {
  const bm25 = new Bm25<number>();
  for (const [i, paragraph] of xquad.paragraphs.entries()) bm25.add(i, termsOf(paragraph));
  return async ({ question, paragraph }) => {
    const scores = bm25.scores(new Set(termsOf(question)));
    const own = scores.get(paragraph);
    if (own === undefined) return Number.POSITIVE_INFINITY;
    return 1 + [...scores.values()].filter((score) => score > own).length;
  };
}

async function rankIn(
  index: ChunkIndex,
  xquad: Xquad,
  { question, paragraph }: XquadQuestion,
  embedding?: EmbeddingModel,
): Promise<number> {
  const hits = await search(index, question, { topK: 24, ...(embedding && { embedding }) });
  return (
    hits.find(({ chunk }) => chunk.source === sourceOf(xquad, paragraph))?.rank ?? Number.POSITIVE_INFINITY
  );
}

const sourceOf = ({ language }: Xquad, paragraph: number) => `xquad/${language}/${paragraph}`;

function chunksOf(xquad: Xquad): Chunk[] {
  return xquad.paragraphs.map((text, i) => ({
    source: sourceOf(xquad, i),
    title: null,
    format: "plain",
    text,
    start: 0,
    end: text.length,
  }));
}

async function realChunks(): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for (const { path } of (await findFiles(TEXT_FOLDER)).files) {
    const document = await readDocument(path, await readFile(path)).catch(() => undefined);
    if (document) chunks.push(...chunkDocument(document));
  }
  return chunks;
}

async function fill(
  index: ChunkIndex,
  chunks: readonly Chunk[],
  vectors?: readonly Float32Array[],
): Promise<void> {
  const bySource = new Map<string, { chunks: Chunk[]; vectors: Float32Array[] }>();
  for (const [i, chunk] of chunks.entries()) {
    const own = bySource.get(chunk.source) ?? { chunks: [], vectors: [] };
    own.chunks.push(chunk);
    if (vectors) own.vectors.push(vectors[i]!);
    bySource.set(chunk.source, own);
  }
  const entries = [...bySource].map(([source, own]) => ({
    document: { source, title: null, format: own.chunks[0]!.format, hash: "", modified: 0, addedAs: "" },
    ...own,
  }));
  await index.replace(entries);
  await index.optimize();
}
