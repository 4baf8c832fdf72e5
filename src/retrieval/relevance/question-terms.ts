/**
 * A question in, what to look for out: its parts ("Кто ..., и когда ...?" are two), and of each part the terms
 * that carry meaning, weighed by their rarity in general text, and the kind of answer that it asks for.
 */
import { backgroundIdf } from "../../index/background-idf.ts";
import { stem, type Term, terms } from "../../index/terms.ts";
import { splitSentences } from "../../util/split-sentences.ts";
import { type AnswerKind, answerKind } from "./answer-kind.ts";
import { Similarities } from "./similarities.ts";
import { STOP_WORDS } from "./stop-words.ts";

export interface QuestionTerm {
  /** As it stands first in the question. */
  word: string;
  stem: string;
  /** How much it tells: inverse document frequency in general text, natural logarithm, less for `FRAMES`. */
  weight: number;
  /** A name or a number: what a text is about, so that later sentences need not repeat it. */
  name: boolean;
  /** General text does not know it: perhaps it is misspelled. */
  rare: boolean;
}

export interface QuestionPart {
  terms: QuestionTerm[];
  /** Of words to `terms`. */
  similarities: Similarities;
  /** Stems that stand side by side in the question, function words too, joined by a space. */
  phrases: ReadonlySet<string>;
  kind: AnswerKind;
}

/** Words that ask rather than tell: an answer seldom repeats "type" or "is called". They weigh half. */
const FRAMES =
  "type kind name called term many much year date number word considered known example " +
  "тип вид назвать называть называется название имя термин год число слово пример известен считать существовать находиться";
let frames: Set<string> | undefined;
const FRAME_WEIGHT = 0.5;

/** So does, less, what follows "what" or "какой": the kind of thing asked for (what river, какой король). */
const ASKED_KIND = /^(what|which|как(ой|ая|ое|ие|им|их|ом|ую|ого|ому|ими))$/;
const ASKED_KIND_WEIGHT = 0.7;

/** A pasted page is no question: of longer ones the rarest terms count. */
const MAX_TERMS = 48;

/** Where a second question begins inside a sentence; the conjunction belongs to neither. */
const QUESTION_WORD =
  "когда|где|кто|кого|кому|кем|что|чего|чем|как|какой|какая|какое|какие|каким|каких|какую|каком|сколько|насколько|почему|зачем|откуда|куда|" +
  "when|where|who|whom|whose|what|which|how|why";
const PREPOSITION = "на|в|во|с|со|у|за|до|от|из|к|по|для|о|об|in|at|by|for|from|to|on|of|with";
const CONJUNCTION = new RegExp(
  `[,;]?\\s{1,9}(?:а также|а|и|and)\\s{1,9}(?=(?:(?:${PREPOSITION})\\s{1,9})?(?:${QUESTION_WORD})(?![\\p{L}\\p{N}]))`,
  "iu",
);

/** The whole question first; then its parts, where it has several that can stand alone. */
export function questionParts(question: string): QuestionPart[] {
  const bounded = question.slice(0, 20_000);
  const whole = partOf(bounded);
  const pieces = splitSentences(bounded)
    .flatMap((span) => bounded.slice(span.start, span.end).split(CONJUNCTION))
    .map(partOf)
    .filter((part) => part.terms.length >= 2);
  return pieces.length > 1 ? [whole, ...pieces.slice(0, 4)] : [whole];
}

function partOf(text: string): QuestionPart {
  const found = new Map<string, QuestionTerm>();
  const words = terms(text);
  for (const [index, term] of words.entries()) {
    if (STOP_WORDS.has(term.word)) continue;
    const name = /\d/.test(term.word) || (index > 0 && /^\p{Lu}/u.test(text.slice(term.start, term.end)));
    const known = found.get(term.stem);
    if (known) known.name ||= name;
    else found.set(term.stem, { ...weigh(term, name, words[index - 1]), name });
  }
  const kept = rarest([...found.values()]);
  return {
    terms: kept,
    similarities: new Similarities(kept),
    phrases: new Set(phrasesOf(words)),
    kind: answerKind(text),
  };
}

function rarest(all: QuestionTerm[]): QuestionTerm[] {
  if (all.length <= MAX_TERMS) return all;
  const least = all.map((term) => term.weight).sort((a, b) => b - a)[MAX_TERMS - 1]!;
  return all.filter((term) => term.weight >= least).slice(0, MAX_TERMS);
}

/** Every two words that stand side by side, as stems. */
export function phrasesOf(words: readonly Term[]): string[] {
  return words.slice(1).map((word, i) => `${words[i]!.stem} ${word.stem}`);
}

function weigh(term: Term, name: boolean, before: Term | undefined): Omit<QuestionTerm, "name"> {
  const idf = backgroundIdf(term.stem);
  let weight = idf;
  frames ??= new Set(FRAMES.split(" ").map(stem));
  if (frames.has(term.stem)) weight *= FRAME_WEIGHT;
  if (!name && before && ASKED_KIND.test(before.word)) weight *= ASKED_KIND_WEIGHT;
  return { word: term.word, stem: term.stem, weight, rare: idf > RARE };
}

/** About one passage in two thousand. */
const RARE = 7.5;
