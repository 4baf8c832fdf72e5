/** The dialogues of each stage of the default model, by the names that its settings use. */
import type { GroundedOptions } from "../../src/synthesis/grounded/options.ts";

export interface DialogueSet {
  clusters: number;
  options: GroundedOptions;
}

/** Nearly half of the questions ask what only the right attribute answers: two documents on one entity, or none. */
const ALL_KINDS = {
  single: 6,
  "yes-no": 2,
  "two-entities": 1.5,
  "two-documents": 3,
  topic: 1.5,
  "entity-absent": 1.5,
  "attribute-absent": 4.5,
  chat: 0.2,
} as const;

/** Many questions, of which about half end with the ids: more choices in as many tokens. */
const TO_CHOOSE = { questions: [7, 9], answerProbability: 0.5, targets: true, idsWeight: 4 } as const;

export const DIALOGUE_SETS: Readonly<Record<string, DialogueSet>> = {
  /** For the vocabulary only. */
  vocabulary: { clusters: 6000, options: { seed: 3 } },
  /** For the curve: unseen names. */
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
  "stage-1": { clusters: 60_000, options: { seed: 3001, kinds: { repeat: 1 } } },
  "stage-2": {
    clusters: 20_000,
    options: {
      seed: 3002,
      documents: [1, 3],
      facts: [1, 2],
      questions: [3, 4],
      kinds: { single: 6, "yes-no": 1, "entity-absent": 1, "two-entities": 1, repeat: 0.5 },
      formats: { plain: 1 },
      targets: true,
    },
  },
  "stage-3": {
    clusters: 16_000,
    options: { ...TO_CHOOSE, seed: 3003, documents: [1, 5], facts: [1, 3], kinds: ALL_KINDS },
  },
  "stage-4": {
    clusters: 18_000,
    options: {
      questions: [7, 9],
      targets: true,
      idsWeight: 2,
      seed: 3004,
      documents: [1, 5],
      facts: [1, 4],
      kinds: { ...ALL_KINDS, "two-documents": 2, "attribute-absent": 2.5, passage: 4 },
      realText: "../shared/data/text",
    },
  },
  "stage-5": {
    clusters: 12_000,
    options: {
      ...TO_CHOOSE,
      answerProbability: 0.6,
      seed: 3005,
      documents: [1, 5],
      facts: [1, 3],
      kinds: {
        single: 4,
        "yes-no": 1.5,
        "two-entities": 1,
        "two-documents": 2,
        topic: 1,
        "entity-absent": 1,
        "attribute-absent": 6,
        chat: 0.2,
        passage: 2,
      },
      realText: "../shared/data/text",
    },
  },
  "stage-6": {
    clusters: 20_000,
    options: {
      ...TO_CHOOSE,
      answerProbability: 0.8,
      seed: 3006,
      documents: [1, 5],
      facts: [1, 4],
      kinds: {
        single: 5,
        "yes-no": 1.5,
        "two-entities": 1,
        "two-documents": 2,
        topic: 1.2,
        "entity-absent": 1,
        "attribute-absent": 4,
        chat: 0.2,
        passage: 2.5,
      },
      realText: "../shared/data/text",
    },
  },
  "stage-7": {
    clusters: 10_000,
    options: {
      ...TO_CHOOSE,
      answerProbability: 0.8,
      seed: 3007,
      documents: [1, 5],
      facts: [1, 4],
      kinds: {
        single: 6,
        "yes-no": 2,
        "two-entities": 1.5,
        "two-documents": 2.5,
        topic: 1.5,
        "entity-absent": 1,
        "attribute-absent": 1.5,
        chat: 0.2,
        passage: 2.5,
      },
      realText: "../shared/data/text",
    },
  },
  "stage-8": {
    clusters: 6_000,
    options: {
      ...TO_CHOOSE,
      answerProbability: 0.9,
      seed: 3008,
      documents: [1, 5],
      facts: [1, 4],
      kinds: {
        single: 5,
        "yes-no": 1.5,
        "two-entities": 1.5,
        "two-documents": 2,
        topic: 3,
        "entity-absent": 1,
        "attribute-absent": 1.5,
        chat: 0.2,
        passage: 5,
      },
      realText: "../shared/data/text",
    },
  },
};
