/**
 * A question in, what to look for out: its parts ("Кто ..., и когда ...?" are two), and of each part the terms
 * that carry meaning, weighed by their rarity in general text, and the kind of answer that it asks for.
 */
import { backgroundIdf } from "../../index/background-idf.ts";
import { terms } from "../../index/terms.ts";
import { splitSentences } from "../../util/split-sentences.ts";
import { type AnswerKind, answerKind } from "./answer-kind.ts";
import { STOP_WORDS } from "./stop-words.ts";

export interface QuestionTerm {
  stem: string;
  /** How much it tells: inverse document frequency in general text, natural logarithm. */
  weight: number;
  /** A name or a number: what a text is about, so that later sentences need not repeat it. */
  name: boolean;
  /** General text does not know it: perhaps it is misspelled. */
  rare: boolean;
}

export interface QuestionPart {
  terms: QuestionTerm[];
  kind: AnswerKind;
}

/** A pasted page is no question: of longer ones the rarest terms count. */
const MAX_TERMS = 48;

/** Where a second question begins inside a sentence; the conjunction belongs to neither. */
const QUESTION_WORD =
  "когда|где|кто|кого|кому|кем|что|чего|чем|как|какой|какая|какое|какие|каким|каких|какую|каком|сколько|насколько|почему|зачем|откуда|куда|" +
  "when|where|who|whom|whose|what|which|how|why";
const PREPOSITION = "на|в|во|с|со|у|за|до|от|из|к|по|для|о|об|in|at|by|for|from|to|on|of|with";
const CONJUNCTION = new RegExp(
  `[,;]?\\s+(?:а также|а|и|and)\\s+(?=(?:(?:${PREPOSITION})\\s+)?(?:${QUESTION_WORD})(?![\\p{L}\\p{N}]))`,
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
  for (const [index, term] of terms(text).entries()) {
    if (STOP_WORDS.has(term.word)) continue;
    const name = /\d/.test(term.word) || (index > 0 && /^\p{Lu}/u.test(text.slice(term.start, term.end)));
    const weight = backgroundIdf(term.stem);
    const known = found.get(term.stem);
    if (known) known.name ||= name;
    else found.set(term.stem, { stem: term.stem, weight, name, rare: weight > RARE });
  }
  const all = [...found.values()];
  if (all.length <= MAX_TERMS) return { terms: all, kind: answerKind(text) };
  const least = all.map((term) => term.weight).sort((a, b) => b - a)[MAX_TERMS - 1]!;
  return { terms: all.filter((term) => term.weight >= least).slice(0, MAX_TERMS), kind: answerKind(text) };
}

/** About one passage in two thousand. */
const RARE = 7.5;
