/**
 * The same questions among 0 to 5 documents that do not help (noise robustness: RGB, Chen et al. 2024): the one document
 * that answers, and as many of other questions' documents in the same language. More noise keeps the noise that there was.
 */
import type { GroundedTestRow } from "../../datasets/grounded-test-row.ts";
import type { GroundingDocument } from "../../spec/document.ts";
import { indexByHash, shuffledByHash } from "../../util/draw-by-hash.ts";

export const MAX_DISTRACTORS = 5;

export interface NoisyRow {
  distractors: number;
  row: GroundedTestRow;
}

/** `count` questions, or as many as have one relevant document, each with every number of distractors there can be. */
export function noisyRows(rows: readonly GroundedTestRow[], count: number): NoisyRow[] {
  const fit = rows.filter(({ relevantDocIds }) => relevantDocIds.length === 1);
  return shuffledByHash(fit, "noise", ({ id }) => id)
    .slice(0, count)
    .flatMap((row) => withNoise(row, rows));
}

function withNoise(row: GroundedTestRow, rows: readonly GroundedTestRow[]): NoisyRow[] {
  const relevant = row.documents.find(({ docId }) => docId === row.relevantDocIds[0])!;
  const noise = noiseFor(row, rows);
  return Array.from({ length: Math.min(MAX_DISTRACTORS, noise.length) + 1 }, (_, distractors) => {
    const place = indexByHash(distractors + 1, `noise ${distractors} ${row.id}`);
    const documents = noise.slice(0, distractors).toSpliced(place, 0, relevant);
    return {
      distractors,
      row: {
        ...row,
        documents: documents.map((document, docId) => ({ ...document, docId })),
        relevantDocIds: [place],
      },
    };
  });
}

/** Documents of other questions, none of them also one of this question's. */
function noiseFor(row: GroundedTestRow, rows: readonly GroundedTestRow[]): GroundingDocument[] {
  const own = new Set(row.documents.map(({ content }) => content));
  const others = rows.filter(({ language, id }) => language === row.language && id !== row.id);
  const noise: GroundingDocument[] = [];
  for (const other of shuffledByHash(others, `noise for ${row.id}`, ({ id }) => id)) {
    const [document] = other.documents.filter(({ content }) => !own.has(content));
    if (!document) continue;
    own.add(document.content);
    noise.push(document);
    if (noise.length === MAX_DISTRACTORS) break;
  }
  return noise;
}
