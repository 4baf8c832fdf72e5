/** The dialogues of each stage of the default model, by the names that its settings use. */
import type { GroundedOptions } from "../../src/synthesis/grounded/options.ts";

export interface DialogueSet {
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

/** Nearly half of the questions ask what only the right attribute answers: two documents on one entity, or none. */
const ATTRIBUTE_KINDS = {
  single: 6,
  "yes-no": 1.5,
  "two-entities": 1.5,
  "two-documents": 3,
  topic: 2,
  "entity-absent": 1.5,
  "attribute-absent": 5,
  chat: 0.2,
} as const;

const LAST_KINDS = { ...ALL_KINDS, single: 7, "two-documents": 2, "attribute-absent": 2, chat: 0.3 };

const MIXED_KINDS = { ...LAST_KINDS, topic: 2.5, "entity-absent": 2, "attribute-absent": 5 };

/** Many questions, of which about half end with the ids: more choices in as many tokens. */
const MARKED_TO_CHOOSE = {
  documents: [2, 5],
  questions: [8, 10],
  kinds: ATTRIBUTE_KINDS,
  answerProbability: 0.5,
} as const;
const PLAIN_TO_CHOOSE = { ...MARKED_TO_CHOOSE, documents: [1, 5], answerProbability: 0.6 } as const;
const NAMES = { documents: 0.5, questions: 0.4 };

/** Auxiliary targets instead of marks. */
const TOLD = { questions: [7, 9], targets: true } as const;
const REAL = { documents: [1, 5], facts: [1, 4], realText: "../shared/data/text" } as const;
const USED_KINDS = { ...ALL_KINDS, "two-documents": 2, topic: 1.5 } as const;

export const DIALOGUE_SETS: Readonly<Record<string, DialogueSet>> = {
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
  "stage-6": {
    clusters: 40_000,
    options: {
      seed: 801,
      documents: [1, 5],
      facts: [1, 4],
      questions: [6, 8],
      kinds: { ...ALL_KINDS, "two-documents": 2, chat: 0.3 },
    },
  },
  "stage-7-marked": {
    clusters: 15_000,
    options: {
      seed: 901,
      documents: [2, 5],
      facts: [1, 3],
      questions: [6, 8],
      kinds: LAST_KINDS,
      echo: { documents: 0.6, questions: 0.4 },
    },
  },
  "stage-7": {
    clusters: 10_000,
    options: { seed: 902, documents: [1, 5], facts: [1, 4], questions: [6, 8], kinds: LAST_KINDS },
  },
  "stage-8-marked": {
    clusters: 9000,
    options: {
      ...MARKED_TO_CHOOSE,
      seed: 1101,
      facts: [1, 3],
      kinds: MIXED_KINDS,
      echo: { ...NAMES, words: 0.15 },
    },
  },
  "stage-8": {
    clusters: 9000,
    options: { ...PLAIN_TO_CHOOSE, seed: 1102, facts: [1, 4], kinds: MIXED_KINDS },
  },
  "stage-9-marked": {
    clusters: 8000,
    options: {
      ...MARKED_TO_CHOOSE,
      seed: 1201,
      facts: [1, 2],
      echo: { ...NAMES, words: 0.1, attributes: 0.6 },
    },
  },
  "stage-9": { clusters: 5500, options: { ...PLAIN_TO_CHOOSE, seed: 1202, facts: [1, 3] } },
  "stage-10-marked": {
    clusters: 7000,
    options: {
      ...MARKED_TO_CHOOSE,
      seed: 1301,
      facts: [1, 2],
      questions: [6, 7],
      echo: { ...NAMES, words: 0.3, attributes: 0.5 },
    },
  },
  "stage-10": { clusters: 4000, options: { ...PLAIN_TO_CHOOSE, seed: 1302, facts: [1, 3] } },
  "stage-11": {
    clusters: 16_000,
    options: {
      ...TOLD,
      seed: 2001,
      documents: [2, 5],
      facts: [1, 3],
      kinds: ATTRIBUTE_KINDS,
      answerProbability: 0.5,
    },
  },
  "stage-12": {
    clusters: 17_000,
    options: {
      ...TOLD,
      ...REAL,
      seed: 2101,
      kinds: { ...ATTRIBUTE_KINDS, "yes-no": 2, topic: 1.5, "attribute-absent": 4.5, passage: 2.5 },
      answerProbability: 0.5,
      idsWeight: 4,
    },
  },
  "stage-13": {
    clusters: 7000,
    options: {
      ...TOLD,
      ...REAL,
      seed: 2201,
      kinds: { ...USED_KINDS, passage: 1.5 },
      idsWeight: 2,
    },
  },
  "stage-14": {
    clusters: 18_000,
    options: {
      ...TOLD,
      ...REAL,
      seed: 2301,
      kinds: { ...USED_KINDS, "attribute-absent": 2, passage: 2.5 },
      idsWeight: 2,
    },
  },
  "stage-15": {
    clusters: 6000,
    options: {
      ...TOLD,
      ...REAL,
      seed: 2401,
      kinds: { ...USED_KINDS, "attribute-absent": 2, passage: 8 },
      idsWeight: 2,
    },
  },
  "stage-16": {
    clusters: 4000,
    options: {
      ...TOLD,
      ...REAL,
      seed: 2501,
      kinds: { ...USED_KINDS, "attribute-absent": 2, passage: 6 },
      idsWeight: 2,
    },
  },
};
