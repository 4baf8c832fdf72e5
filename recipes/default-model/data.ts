/**
 * tsx recipes/default-model/data.ts <set> <out.jsonl>
 *
 * Writes one set of dialogues. The stages are the curriculum: marked names in short documents first, then all kinds
 * and lengths, while the marks fade. Rows of one cluster stand together. Deterministic.
 */

import { generateDialogues } from "../../src/synthesis/grounded/generate.ts";
import type { GroundedOptions } from "../../src/synthesis/grounded/options.ts";
import { writeFileAtomic } from "../../src/util/write-file-atomic.ts";

interface DialogueSet {
  clusters: number;
  options: GroundedOptions;
}

const ONE_FACT_ASKED = { single: 6, "yes-no": 1 } as const;
const ALL_KINDS = {
  single: 6,
  "yes-no": 2,
  "two-entities": 2,
  "two-documents": 1.5,
  topic: 2,
  "entity-absent": 1.5,
  "attribute-absent": 3,
  chat: 0.2,
} as const;

const SETS: Record<string, DialogueSet> = {
  /** For the vocabulary only. */
  vocabulary: { clusters: 6000, options: { seed: 3 } },
  /** For the curve: unseen names, no marks. */
  "held-out": {
    clusters: 60,
    options: {
      seed: 99_919,
      split: "test-names",
      documents: [2, 3],
      facts: [1, 2],
      questions: [2, 2],
      kinds: { single: 6 },
    },
  },
  "stage-1": {
    clusters: 15_000,
    options: {
      seed: 211,
      documents: [2, 3],
      facts: [1, 1],
      questions: [4, 5],
      kinds: { single: 1 },
      formats: { plain: 1 },
      echo: { documents: 1, questions: 0.5 },
    },
  },
  "stage-2": {
    clusters: 14_000,
    options: {
      seed: 212,
      documents: [2, 5],
      facts: [1, 2],
      questions: [2, 2],
      kinds: ONE_FACT_ASKED,
      echo: { documents: 1, questions: 0.5 },
    },
  },
  "stage-3": {
    clusters: 14_000,
    options: {
      seed: 401,
      documents: [2, 3],
      facts: [1, 2],
      questions: [2, 3],
      kinds: ONE_FACT_ASKED,
      echo: { documents: 0.5, questions: 0.5 },
    },
  },
  "stage-4": {
    clusters: 14_000,
    options: { seed: 601, documents: [2, 3], facts: [1, 2], questions: [4, 5], kinds: ONE_FACT_ASKED },
  },
  "stage-5": {
    clusters: 12_000,
    options: { seed: 701, documents: [1, 4], facts: [1, 3], questions: [4, 6], kinds: ALL_KINDS },
  },
  "stage-5-marked": {
    clusters: 6000,
    options: {
      seed: 702,
      documents: [1, 4],
      facts: [1, 3],
      questions: [4, 6],
      kinds: ALL_KINDS,
      echo: { documents: 0.5, questions: 0.5 },
    },
  },
};

const [name, out] = process.argv.slice(2);
const set = SETS[name ?? ""];
if (!set || !out) {
  console.error(`usage: data.ts <${Object.keys(SETS).join("|")}> <out.jsonl>`);
  process.exit(2);
}
await writeFileAtomic(out, lines(set));

function* lines({ clusters, options }: DialogueSet): Generator<string> {
  let count = 0;
  let last = "";
  for (const row of generateDialogues(options)) {
    if (row.cluster !== last && ++count > clusters) return;
    last = row.cluster;
    yield `${JSON.stringify(row)}\n`;
  }
}
