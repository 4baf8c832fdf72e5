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
  return new LazySupport(part, document);
}

/** Whoever ranks documents does not ask for their sentences. */
class LazySupport implements Support {
  readonly coverage: number;
  readonly evidence: number;
  readonly best: number;
  readonly #part: QuestionPart;
  readonly #document: IndexedDocument;
  readonly #reading: Reading;

  constructor(part: QuestionPart, document: IndexedDocument) {
    const reading = read(part, document);
    const { share, title, found } = reading;
    // Nothing to quote is nothing relevant, whatever the title says.
    const isEmpty = found.length === 0;
    const strongest = part.terms.map((_, k) =>
      found.reduce((most, { strengths }) => Math.max(most, strengths[k]!), title.strengths[k]!),
    );
    const inSentence = found.reduce((most, { own }) => Math.max(most, own), title.own);
    const total = part.terms.reduce((sum, term) => sum + term.weight, 0);
    this.coverage = isEmpty ? 0 : share(strongest);
    this.evidence = isEmpty ? 0 : Math.min(MAX_EVIDENCE, total * inSentence);
    this.best = isEmpty ? 0 : bestOf(part, document, reading);
    this.#part = part;
    this.#document = document;
    this.#reading = reading;
  }

  get sentences(): number[] {
    return sentenceSupports(this.#part, this.#document, this.#reading);
  }
}

/** What a sentence, or a title, holds of a part of the question. */
interface Found {
  /** Per question term: how surely it is there. */
  strengths: number[];
  /** Share of the question's terms, by weight. */
  own: number;
  /** Share of the question's neighbouring terms that are near each other, in any order. */
  together: number;
}

interface Reading {
  share: (values: readonly number[]) => number;
  title: Found;
  /** Per sentence; and its strengths with what it need not repeat. */
  found: Found[];
  context: number[][];
}

function read(part: QuestionPart, document: IndexedDocument): Reading {
  const share = weighedShare(part.terms);
  const title = findIn(document.title, part, share);
  const found = document.sentences.map(({ terms }) => findIn(terms, part, share));
  return { share, title, found, context: inContext(part.terms, document, found, title.strengths) };
}

function sentenceSupports(
  part: QuestionPart,
  document: IndexedDocument,
  { share, found, context }: Reading,
): number[] {
  return document.sentences.map(({ sentence, terms: words }, i) => {
    const { own, together } = found[i]!;
    if (own === 0) return 0;
    const isOfKind = holdsAnswerOfKind(part.kind, sentence.text, words, askedIn(part)) === "yes";
    return (
      share(context[i]!) +
      PAIRS * together +
      PHRASES * phraseShare(part.phrases, words) +
      (isOfKind ? KIND : 0)
    );
  });
}

function bestOf(
  part: QuestionPart,
  document: IndexedDocument,
  { share, title, found, context }: Reading,
): number {
  const noNumber = part.kind === "date" || part.kind === "number" ? NO_NUMBER : 0;
  let best = Math.max(0, title.own + PAIRS * title.together - noNumber);
  for (const [i, { sentence, terms: words }] of document.sentences.entries()) {
    const support = share(withNeighbours(context, found, i)) + PAIRS * found[i]!.together;
    // What is no better with a number is no better without.
    if (support <= best) continue;
    const isWithout =
      noNumber > 0 && holdsAnswerOfKind(part.kind, sentence.text, words, askedIn(part)) === "no";
    best = Math.max(best, support - (isWithout ? noNumber : 0));
  }
  return best;
}

function askedIn({ terms }: QuestionPart): (stem: string) => boolean {
  const stems = new Set(terms.map(({ stem }) => stem));
  return (stem) => stems.has(stem);
}

/** Per question term, for the sentence at `i`: as in its context, or less from the sentence beside it. */
function withNeighbours(context: readonly number[][], found: readonly Found[], i: number): readonly number[] {
  const before = found[i - 1]?.strengths;
  const after = found[i + 1]?.strengths;
  return context[i]!.map((value, k) =>
    Math.max(value, NEIGHBOUR * (before?.[k] ?? 0), NEIGHBOUR * (after?.[k] ?? 0)),
  );
}

function findIn(words: readonly Term[], part: QuestionPart, share: Reading["share"]): Found {
  const strengths = part.terms.map(() => 0);
  const last = part.terms.map(() => Number.NEGATIVE_INFINITY);
  const together = new Set<number>();
  for (const [at, word] of words.entries())
    for (const [k, value] of part.similarities.of(word)) {
      strengths[k] = Math.max(strengths[k]!, value);
      if (value < SAME) continue;
      if (k > 0 && at - last[k - 1]! <= NEAR && last[k - 1]! < at) together.add(k - 1);
      if (k + 1 < last.length && at - last[k + 1]! <= NEAR && last[k + 1]! < at) together.add(k);
      last[k] = at;
    }
  return {
    strengths,
    own: share(strengths),
    together: last.length < 2 ? 0 : together.size / (last.length - 1),
  };
}

function inContext(
  wanted: readonly QuestionTerm[],
  document: IndexedDocument,
  found: readonly Found[],
  title: readonly number[],
): number[][] {
  const always = title.map((value) => CARRIED * value);
  let carried = wanted.map(() => 0);
  let heading = wanted.map(() => 0);
  return found.map(({ strengths: own }, i) => {
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

/** Share of the question's phrases that stand among `words` as they are. */
function phraseShare(phrases: ReadonlySet<string>, words: readonly Term[]): number {
  if (phrases.size === 0) return 0;
  return new Set(phrasesOf(words).filter((phrase) => phrases.has(phrase))).size / phrases.size;
}
