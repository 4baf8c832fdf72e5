/**
 * The XQuAD sample in, questions with their documents out: split in halves by paragraph, and set among other
 * paragraphs, hard ones (which lexical search ranks highest) or random ones. For measuring only. Deterministic:
 * every draw is a hash.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { indexTerms } from "../src/index/terms.ts";

export const XQUAD_FOLDER = join(import.meta.dirname, "../../shared/data/xquad");
export const LANGUAGES = ["ru", "en"] as const;
export type Language = (typeof LANGUAGES)[number];
export type Half = "tune" | "report";

/** How a question meets its documents: its own paragraph there or not, the others hard or random. */
export const SETTINGS = ["hard", "hardAbsent", "random", "randomAbsent"] as const;
export type Setting = (typeof SETTINGS)[number];

/** Documents beside the question: its own and five others, or six others. */
const DOCUMENTS = 6;

export interface XquadQuestion {
  id: string;
  question: string;
  /** The gold answer, a slice of its paragraph. */
  answer: string;
  /** Index of its own paragraph. */
  paragraph: number;
  half: Half;
}

export interface Xquad {
  language: Language;
  paragraphs: string[];
  questions: XquadQuestion[];
}

export interface Instance {
  question: XquadQuestion;
  setting: Setting;
  /** Indexes of paragraphs; the own one, where there, is anywhere among them. */
  documents: number[];
}

interface RawXquad {
  data: {
    paragraphs: { context: string; qas: { id: string; question: string; answers: { text: string }[] }[] }[];
  }[];
}

export function hasXquad(): boolean {
  return existsSync(join(XQUAD_FOLDER, "xquad.ru.json"));
}

export function loadXquad(language: Language): Xquad {
  const raw = JSON.parse(readFileSync(join(XQUAD_FOLDER, `xquad.${language}.json`), "utf8")) as RawXquad;
  const found: Xquad = { language, paragraphs: [], questions: [] };
  for (const { context, qas } of raw.data.flatMap((article) => article.paragraphs)) {
    const paragraph = found.paragraphs.push(context) - 1;
    // Ids are the same in both languages, so a paragraph and its translation are in the same half.
    const half: Half = Number.parseInt(hash(qas[0]!.id).slice(0, 2), 16) % 2 === 0 ? "tune" : "report";
    for (const { id, question, answers } of qas)
      found.questions.push({ id, question, answer: answers[0]!.text, paragraph, half });
  }
  return found;
}

/** Every question in every setting. */
export function instancesOf(xquad: Xquad): Instance[] {
  const rank = lexicalRanking(xquad.paragraphs);
  return xquad.questions.flatMap((question) => {
    const others = (order: number[]) => order.filter((paragraph) => paragraph !== question.paragraph);
    const hard = others(rank(question.question));
    const random = others(shuffled(xquad.paragraphs.length, question.id));
    const among = (setting: Setting, own: boolean, order: number[]): Instance => {
      const chosen = own ? [question.paragraph, ...order.slice(0, DOCUMENTS - 1)] : order.slice(0, DOCUMENTS);
      return { question, setting, documents: byHash(chosen, `${question.id} ${setting}`) };
    };
    return [
      among("hard", true, hard),
      among("hardAbsent", false, hard),
      among("random", true, random),
      among("randomAbsent", false, random),
    ];
  });
}

/** Okapi BM25 (Robertson and Zaragoza 2009) over words and stems, k1 1.2, b 0.75: all paragraphs, best first. */
export function lexicalRanking(paragraphs: readonly string[]): (query: string) => number[] {
  const counts = paragraphs.map((paragraph) => countTerms(indexTerms(paragraph)));
  const lengths = counts.map((count) => [...count.values()].reduce((sum, n) => sum + n, 0));
  const average = lengths.reduce((sum, n) => sum + n, 0) / lengths.length;
  const holders = countTerms(counts.flatMap((count) => [...count.keys()]));
  return (query) => {
    const wanted = [...new Set(indexTerms(query))].filter((term) => holders.has(term));
    const scores = counts.map((count, i) =>
      wanted.reduce((sum, term) => {
        const n = count.get(term) ?? 0;
        const df = holders.get(term)!;
        const idf = Math.log(1 + (counts.length - df + 0.5) / (df + 0.5));
        return sum + (idf * n * 2.2) / (n + 1.2 * (0.25 + (0.75 * lengths[i]!) / average));
      }, 0),
    );
    return [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
  };
}

function countTerms(terms: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}

function shuffled(length: number, seed: string): number[] {
  return byHash([...Array(length).keys()], seed);
}

function byHash(items: readonly number[], seed: string): number[] {
  const keyed = items.map((item) => ({ item, key: hash(`${seed} ${item}`) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ item }) => item);
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
