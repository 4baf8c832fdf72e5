/**
 * XQuAD questions through the quotes, figures out: relevant ids, refusals at operating points, sentences with the
 * gold answer, calibration. Bootstraps over paragraphs, since questions on one paragraph are not independent.
 */

import { quoteIndexed, rankSentences } from "../../src/grounding/quotes/quote-answer.ts";
import { questionParts } from "../../src/retrieval/relevance/question-terms.ts";
import { RELEVANCE_THRESHOLD } from "../../src/retrieval/relevance/relevance.ts";
import {
  type IndexedDocument,
  indexDocument,
  type Support,
  supportOf,
} from "../../src/retrieval/relevance/support.ts";
import { type Half, type Instance, instancesOf, type Language, loadXquad, type Setting } from "../xquad.ts";

/** One question in one setting, and what the quotes made of it. */
export interface Observation extends Instance {
  language: Language;
  /** Of each document, as in `documents`. */
  supports: Support[];
  relevance: number[];
  /** The highest of `relevance`: the question is refused where it is below the threshold. */
  top: number;
  /** Whether exactly the own paragraph is chosen, at a threshold. */
  exactAt(threshold: number): boolean;
  /** Rank (from 0) of the first sentence of the own paragraph that holds the gold answer; -1 for none. */
  goldRank: number;
  /** What an answer from the own paragraph alone shows: whether the gold answer is there, in how many sentences. */
  shown: { gold: boolean; quotes: number };
}

/** What was asked for, as shares; of the report half. */
export const BARS: Record<Language, Partial<Record<keyof Figures, number>>> = {
  ru: {
    hardExactAt10: 0.78,
    hardRefusedAt10: 0.8,
    randomExact: 0.97,
    randomRefusedAt5: 0.98,
    goldInFirst: 0.8,
    goldInThree: 0.94,
  },
  en: {
    hardExactAt10: 0.82,
    hardRefusedAt10: 0.9,
    randomExact: 0.98,
    randomRefusedAt5: 0.98,
    goldInFirst: 0.8,
    goldInThree: 0.94,
  },
};

export function observe(language: Language): Observation[] {
  const xquad = loadXquad(language);
  const indexed = xquad.paragraphs.map((content, docId) => indexDocument({ docId, title: null, content }));
  return instancesOf(xquad).map((instance) => observeOne(language, instance, indexed));
}

function observeOne(language: Language, instance: Instance, all: readonly IndexedDocument[]): Observation {
  const { question, answer, paragraph } = instance.question;
  const documents = instance.documents.map((i) => all[i]!);
  const own = all[paragraph]!;
  const part = questionParts(question)[0]!;
  const relevance = [...quoteIndexed(question, documents).relevance.values()];
  const holds = (text: string) => text.includes(answer.replace(/\s+/g, " ").trim());
  const ranked = rankSentences(own, supportOf(part, own).sentences, 0);
  const { citations } = quoteIndexed(question, [own], { threshold: 0 });
  const exact = new Map<number, boolean>();
  return {
    ...instance,
    language,
    supports: documents.map((document) => supportOf(part, document)),
    relevance,
    top: Math.max(...relevance),
    exactAt(threshold) {
      if (!exact.has(threshold)) {
        const { relevantDocIds } = quoteIndexed(question, documents, { threshold });
        exact.set(threshold, relevantDocIds.length === 1 && relevantDocIds[0] === paragraph);
      }
      return exact.get(threshold)!;
    },
    goldRank: ranked.findIndex((quote) => holds(own.sentences[quote.sentence]!.sentence.text)),
    shown: { gold: citations.some((citation) => holds(citation.text)), quotes: citations.length },
  };
}

export interface Figures {
  language: Language;
  half: Half;
  questions: number;
  /** Ids exactly right with no refusing (threshold 0), and with a wrong refusal of 10 % (hard) or 5 % (random). */
  hardExact: number;
  hardExactAt10: number;
  hardRefusedAt10: number;
  randomExact: number;
  randomRefusedAt5: number;
  /** At `RELEVANCE_THRESHOLD`. */
  shippedHardExact: number;
  shippedHardWrong: number;
  shippedHardRefused: number;
  shippedRandomExact: number;
  shippedRandomWrong: number;
  shippedRandomRefused: number;
  goldInFirst: number;
  goldInThree: number;
  goldShown: number;
  quotesShown: number;
}

export function figuresOf(observations: readonly Observation[], language: Language, half: Half): Figures {
  const among = (setting: Setting) =>
    observations.filter((o) => o.language === language && o.question.half === half && o.setting === setting);
  const hard = among("hard");
  const random = among("random");
  const at10 = thresholdRefusing(hard, 0.1);
  const at5 = thresholdRefusing(random, 0.05);
  const refused = (setting: Setting, threshold: number) => share(among(setting), (o) => o.top < threshold);
  return {
    language,
    half,
    questions: hard.length,
    hardExact: share(hard, (o) => o.exactAt(0)),
    hardExactAt10: share(hard, (o) => o.exactAt(at10)),
    hardRefusedAt10: refused("hardAbsent", at10),
    randomExact: share(random, (o) => o.exactAt(0)),
    randomRefusedAt5: refused("randomAbsent", at5),
    shippedHardExact: share(hard, (o) => o.exactAt(RELEVANCE_THRESHOLD)),
    shippedHardWrong: refused("hard", RELEVANCE_THRESHOLD),
    shippedHardRefused: refused("hardAbsent", RELEVANCE_THRESHOLD),
    shippedRandomExact: share(random, (o) => o.exactAt(RELEVANCE_THRESHOLD)),
    shippedRandomWrong: refused("random", RELEVANCE_THRESHOLD),
    shippedRandomRefused: refused("randomAbsent", RELEVANCE_THRESHOLD),
    goldInFirst: share(hard, (o) => o.goldRank === 0),
    goldInThree: share(hard, (o) => o.goldRank >= 0 && o.goldRank < 3),
    goldShown: share(hard, (o) => o.shown.gold),
    quotesShown: hard.reduce((sum, o) => sum + o.shown.quotes, 0) / hard.length,
  };
}

/** The largest threshold that refuses at most this share of the answerable questions. */
export function thresholdRefusing(answerable: readonly { top: number }[], wrong: number): number {
  const tops = answerable.map((o) => o.top).sort((a, b) => a - b);
  return tops[Math.floor(wrong * tops.length)]!;
}

export function share<T>(items: readonly T[], holds: (item: T) => boolean): number {
  return items.filter(holds).length / items.length;
}
