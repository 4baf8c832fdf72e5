/**
 * tsx recipes/default-model/data.ts <stage> <out.jsonl> [folder of real text]
 *
 * Writes one stage's dialogues. The stages are the curriculum: short documents and marked names first, then all kinds
 * and lengths, then the marks fade. Rows of one cluster stand together. Deterministic.
 */

import { generateDialogues } from "../../src/synthesis/grounded/generate.ts";
import type { GroundedOptions } from "../../src/synthesis/grounded/options.ts";
import { writeFileAtomic } from "../../src/util/write-file-atomic.ts";

interface Stage {
  clusters: number;
  options: GroundedOptions;
}

/** Kinds of the full task; `real` needs the folder of real text, and is left out where it is absent. */
const ALL_KINDS = {
  single: 6,
  "yes-no": 2,
  "two-entities": 2,
  "two-documents": 2,
  topic: 2,
  "entity-absent": 1.5,
  "attribute-absent": 3,
  chat: 0.3,
} as const;

const STAGES: Record<string, Stage> = {
  /** For the vocabulary only. */
  vocabulary: { clusters: 6000, options: { seed: 3 } },
  /** For the curve: unseen names, no marks. */
  "held-out": { clusters: 100, options: { seed: 78, split: "test-names" } },
  /**
   * Where a name stands: every mention carries its document's digit, many documents a dialogue and few questions, so
   * that most tokens show names in documents.
   */
  "1": {
    clusters: 40_000,
    options: {
      seed: 212,
      documents: [2, 5],
      facts: [1, 2],
      questions: [2, 2],
      kinds: { single: 6, "yes-no": 1 },
      echoProbability: 1,
    },
  },
  /** All kinds, fewer marks. */
  "2": {
    clusters: 12_000,
    options: {
      seed: 12,
      documents: [1, 4],
      facts: [1, 3],
      questions: [4, 5],
      kinds: ALL_KINDS,
      echoProbability: 0.25,
    },
  },
  /** The full task, without marks; real text beside it. */
  "3": {
    clusters: 60_000,
    options: { seed: 13, documents: [1, 5], facts: [1, 4], questions: [4, 6], kinds: ALL_KINDS },
  },
};

const [name, out, realText] = process.argv.slice(2);
const stage = STAGES[name ?? ""];
if (!stage || !out) {
  console.error(`usage: data.ts <${Object.keys(STAGES).join("|")}> <out.jsonl> [folder of real text]`);
  process.exit(2);
}
await writeFileAtomic(out, lines(stage, name === "3" ? realText : undefined));

function* lines({ clusters, options }: Stage, folder: string | undefined): Generator<string> {
  const real = folder ? { kinds: { ...options.kinds, real: 1.5, "real-absent": 0.3 }, realText: folder } : {};
  let count = 0;
  let last = "";
  for (const row of generateDialogues({ ...options, ...real })) {
    if (row.cluster !== last && ++count > clusters) return;
    last = row.cluster;
    yield `${JSON.stringify(row)}\n`;
  }
}
