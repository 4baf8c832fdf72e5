/**
 * One part of a question and one document in; out, how well each sentence supports an answer, and how well
 * the document covers the question. Words count by their rarity, so a rare one that is missing costs more than
 * a common one. Other documents play no part.
 */
import { type Term, terms } from "../../index/terms.ts";
import type { GroundingDocument } from "../../spec/document.ts";
import { holdsAnswerOfKind } from "./answer-kind.ts";
import { documentSentences, type Sentence } from "./document-sentences.ts";
import { phrasesOf, type QuestionPart, type QuestionTerm } from "./question-terms.ts";
import { stemSimilarity } from "./stem-similarity.ts";

/** A document read once, for any number of questions. */
export interface IndexedDocument {
  docId: number;
  content: string;
  sentences: { sentence: Sentence; terms: Term[] }[];
  title: Term[];
}

export interface Support {
  /** Per sentence of the document: how well it answers; comparable within one question. */
  sentences: number[];
  /** Share of the question found anywhere in the document or its title. */
  coverage: number;
  /**
   * Weight of the question found in one of its sentences, or in its title, alone: as the weight is an inverse
   * frequency, how unlikely it is that so much came together by chance, in nats. At most `MAX_EVIDENCE`.
   */
  evidence: number;
  /** The best of its sentences (or its title), each with what its neighbours add, and of the asked kind. */
  best: number;
}

/**
 * What a sentence need not repeat: a name or number said earlier in the document, and the words of its title and
 * of the heading above, hold with most of their weight.
 */
const CARRIED = 0.8;

/** A name that was said in another sentence holds less from each sentence to the next. */
const FADING = 0.8;

/**
 * Bonus for question words that stand together as in the question, for its very phrases, function words and all,
 * and for something of the asked kind.
 */
const PAIRS = 0.3;
const PHRASES = 0.1;
const KIND = 0.1;

/** Of words that only the sentence before or after holds; for the document, not for the choice of a sentence. */
const NEIGHBOUR = 0.6;

/**
 * What a sentence loses that tells no number or time where one is asked for. A missing name tells nothing:
 * the answer to "who" may be "the head of the department".
 */
const NO_NUMBER = 0.3;

/** More is no surer, and a pasted page must not pass for a question with much evidence. */
const MAX_EVIDENCE = 30;

/** Neighbouring words of the question are together within this many words of a sentence. */
const NEAR = 3;

/** From this similarity on two stems are one word where it is yes or no. */
const SAME = 0.7;

export function indexDocument(document: GroundingDocument): IndexedDocument {
  return {
    docId: document.docId,
    content: document.content,
    sentences: documentSentences(document.content).map((sentence) => ({
      sentence,
      terms: terms(sentence.text),
    })),
    title: terms(document.title ?? ""),
  };
}

export function supportOf(part: QuestionPart, document: IndexedDocument): Support {
  // Nothing to quote is nothing relevant, whatever the title says.
  if (document.sentences.length === 0) return { sentences: [], coverage: 0, evidence: 0, best: 0 };
  const similarity = similarities(part.terms, document);
  const found = document.sentences.map((sentence) => strengths(part.terms, sentence.terms, similarity));
  const title = strengths(part.terms, document.title, similarity);
  const share = weighedShare(part.terms);

  const context = inContext(part.terms, document, found, title);
  const asked = (stem: string) => (similarity.get(stem) ?? []).some(([, value]) => value === 1);
  const read = document.sentences.map(({ sentence, terms: words }, i) => ({
    together: PAIRS * pairShare(part.terms, words, similarity),
    phrases: PHRASES * phraseShare(part.phrases, words),
    kind: holdsAnswerOfKind(part.kind, sentence.text, words, asked),
    context: context[i]!,
    own: share(found[i]!),
  }));
  const noNumber = part.kind === "date" || part.kind === "number" ? NO_NUMBER : 0;
  const best = read.reduce(
    (highest, { together, kind }, i) =>
      Math.max(highest, share(withNeighbours(context, found, i)) + together - (kind === "no" ? noNumber : 0)),
    Math.max(0, share(title) + PAIRS * pairShare(part.terms, document.title, similarity) - noNumber),
  );
  const inSentence = read.reduce((most, { own }) => Math.max(most, own), share(title));
  const total = part.terms.reduce((sum, term) => sum + term.weight, 0);
  return {
    sentences: read.map(({ own, context, together, phrases, kind }) =>
      own === 0 ? 0 : share(context) + together + phrases + (kind === "yes" ? KIND : 0),
    ),
    coverage: share(part.terms.map((_, k) => found.reduce((most, f) => Math.max(most, f[k]!), title[k]!))),
    evidence: Math.min(MAX_EVIDENCE, total * inSentence),
    best,
  };
}

/** Per question term, for the sentence at `i`: as in its context, or less from the sentence beside it. */
function withNeighbours(
  context: readonly number[][],
  found: readonly number[][],
  i: number,
): readonly number[] {
  const before = found[i - 1];
  const after = found[i + 1];
  return context[i]!.map((value, k) =>
    Math.max(value, NEIGHBOUR * (before?.[k] ?? 0), NEIGHBOUR * (after?.[k] ?? 0)),
  );
}

/** For each stem of the document: the question terms (by index) that it resembles, and how much. */
type Similarities = Map<string, [number, number][]>;

function similarities(wanted: readonly QuestionTerm[], document: IndexedDocument): Similarities {
  const similar: Similarities = new Map();
  for (const { stem } of [...document.sentences.flatMap((s) => s.terms), ...document.title]) {
    if (similar.has(stem)) continue;
    const pairs: [number, number][] = [];
    for (const [k, term] of wanted.entries()) {
      const value = stemSimilarity(term.stem, stem, { typos: term.rare });
      if (value > 0) pairs.push([k, value]);
    }
    similar.set(stem, pairs);
  }
  return similar;
}

/** Per question term: how surely it is among `words`. */
function strengths(wanted: readonly QuestionTerm[], words: readonly Term[], similar: Similarities): number[] {
  const best = wanted.map(() => 0);
  for (const { stem } of words)
    for (const [k, value] of similar.get(stem)!) best[k] = Math.max(best[k]!, value);
  return best;
}

function inContext(
  wanted: readonly QuestionTerm[],
  document: IndexedDocument,
  found: readonly number[][],
  title: readonly number[],
): number[][] {
  const always = title.map((value) => CARRIED * value);
  let carried = wanted.map(() => 0);
  let heading = wanted.map(() => 0);
  return found.map((own, i) => {
    if (document.sentences[i]!.sentence.heading) heading = own;
    const context = own.map((value, k) => Math.max(value, always[k]!, carried[k]!, CARRIED * heading[k]!));
    carried = carried.map((value, k) => (wanted[k]!.name ? Math.max(FADING * value, CARRIED * own[k]!) : 0));
    return context;
  });
}

function weighedShare(wanted: readonly QuestionTerm[]): (values: readonly number[]) => number {
  const total = wanted.reduce((sum, term) => sum + term.weight, 0);
  return (values) =>
    total > 0 ? wanted.reduce((sum, term, k) => sum + term.weight * values[k]!, 0) / total : 0;
}

/** Share of the question's neighbouring terms that are near each other among `words`, in any order. */
function pairShare(wanted: readonly QuestionTerm[], words: readonly Term[], similar: Similarities): number {
  if (wanted.length < 2) return 0;
  const last = wanted.map(() => Number.NEGATIVE_INFINITY);
  const together = new Set<number>();
  for (const [at, { stem }] of words.entries())
    for (const [k, value] of similar.get(stem)!) {
      if (value < SAME) continue;
      if (k > 0 && at - last[k - 1]! <= NEAR && last[k - 1]! < at) together.add(k - 1);
      if (k + 1 < wanted.length && at - last[k + 1]! <= NEAR && last[k + 1]! < at) together.add(k);
      last[k] = at;
    }
  return together.size / (wanted.length - 1);
}

/** Share of the question's phrases that stand among `words` as they are. */
function phraseShare(phrases: ReadonlySet<string>, words: readonly Term[]): number {
  if (phrases.size === 0) return 0;
  return new Set(phrasesOf(words).filter((phrase) => phrases.has(phrase))).size / phrases.size;
}
