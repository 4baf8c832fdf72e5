/**
 * An answer and documents in, each sentence of the answer tied to the source sentences that support it out, by
 * words alone, with no second model call: `MIN_COVERAGE` says how. A sentence that is not supported has no
 * sources. A paraphrase that shares few words is missed; a wrong number or name is not.
 */
import { backgroundIdf } from "../index/background-idf.ts";
import { type Term, terms } from "../index/terms.ts";
import { documentSentences, type Sentence } from "../retrieval/relevance/document-sentences.ts";
import { stemSimilarity } from "../retrieval/relevance/stem-similarity.ts";
import { STOP_WORDS } from "../retrieval/relevance/stop-words.ts";
import type { Citation, CitationSource, GroundingDocument } from "../spec/document.ts";

/**
 * The telling words of a sentence are weighed by their rarity. Sources are added greedily, first the one that
 * holds most of what is still open, until together they hold this share of the weight, and every number and
 * name; further ones only where they add `MIN_GAIN` of it.
 */
const MIN_COVERAGE = 0.7;

const MIN_GAIN = 0.2;

/** No sentence needs more. */
const MAX_SOURCES = 3;

/** Two stems from this similarity are the same word; names must be closer: австр(ия) is not австрал(ия). */
const SAME = 0.7;
const SAME_NAME = 0.8;

/** A capital letter at a sentence's beginning tells a name where general text has the word this rarely, in nats. */
const RARE = 7.5;

/** A pasted book is not a sentence: of longer ones the first words count. */
const MAX_WORDS = 200;

interface Source extends CitationSource {
  stems: Set<string>;
}

interface Claim {
  stem: string;
  weight: number;
  /** A number or a name: must be in the sources. */
  required: boolean;
}

/** Headings of the answer are passed over; every other sentence has its citation, in order. */
export function citeAnswer(answer: string, documents: readonly GroundingDocument[]): Citation[] {
  const index = new SourceIndex(documents);
  return documentSentences(answer)
    .filter((sentence) => !sentence.heading)
    .map(({ start, end, text }) => ({
      start,
      end,
      text: answer.slice(start, end),
      sources: index.supporting(claimsOf(text)),
    }));
}

function claimsOf(text: string): Claim[] {
  const claims = new Map<string, Claim>();
  for (const [index, term] of terms(text).slice(0, MAX_WORDS).entries()) {
    const number = /\d/.test(term.word);
    if (!number && STOP_WORDS.has(term.word)) continue;
    const weight = backgroundIdf(term.stem);
    const required = number || (isName(text, term) && (index > 0 || weight > RARE));
    const known = claims.get(term.stem);
    if (known) known.required ||= required;
    else claims.set(term.stem, { stem: term.stem, weight, required });
  }
  return [...claims.values()];
}

/** A capital letter that does not come from an end mark, a colon or a quotation mark before it. */
function isName(text: string, term: Term): boolean {
  return (
    /^\p{Lu}/u.test(text.slice(term.start, term.start + 2)) &&
    !/[.!?:«"“(]\s*$/.test(text.slice(Math.max(0, term.start - 3), term.start))
  );
}

class SourceIndex {
  readonly #sources: Source[] = [];
  /** Which sources hold a stem. */
  readonly #holders = new Map<string, number[]>();
  /** Stems of the sources by their first letters: similar stems share them. */
  readonly #alike = new Map<string, string[]>();

  constructor(documents: readonly GroundingDocument[]) {
    for (const document of documents)
      for (const sentence of documentSentences(document.content)) this.#add(document.docId, sentence);
  }

  #add(docId: number, { start, end, text }: Sentence): void {
    const source = { docId, start, end, stems: new Set(terms(text).map((term) => term.stem)) };
    for (const stem of source.stems) {
      const holders = this.#holders.get(stem);
      if (holders) holders.push(this.#sources.length);
      else {
        this.#holders.set(stem, [this.#sources.length]);
        const key = stem.slice(0, 4);
        const alike = this.#alike.get(key);
        if (alike) alike.push(stem);
        else this.#alike.set(key, [stem]);
      }
    }
    this.#sources.push(source);
  }

  /** The fewest sources, found greedily, that support all claims together; none where they do not. */
  supporting(claims: readonly Claim[]): CitationSource[] {
    const total = claims.reduce((sum, claim) => sum + claim.weight, 0);
    if (total === 0) return [];
    const holders = claims.map((claim) => this.#holdersOf(claim));
    const open = new Set(claims.keys());
    const chosen: number[] = [];
    const supported = () => {
      const missing = [...open].reduce((sum, c) => sum + claims[c]!.weight, 0);
      return missing <= (1 - MIN_COVERAGE) * total && ![...open].some((c) => claims[c]!.required);
    };
    while (chosen.length < MAX_SOURCES) {
      const best = this.#mostGain(claims, holders, open);
      if (best === undefined || (supported() && best.gain < MIN_GAIN * total)) break;
      chosen.push(best.source);
      for (const c of open) if (holders[c]!.has(best.source)) open.delete(c);
    }
    if (!supported()) return [];
    return chosen.map((s) => this.#sources[s]!).map(({ docId, start, end }) => ({ docId, start, end }));
  }

  #mostGain(claims: readonly Claim[], holders: readonly Set<number>[], open: ReadonlySet<number>) {
    const gains = new Map<number, number>();
    for (const c of open)
      for (const source of holders[c]!) gains.set(source, (gains.get(source) ?? 0) + claims[c]!.weight);
    let best: { source: number; gain: number } | undefined;
    for (const [source, gain] of gains)
      if (!best || gain > best.gain || (gain === best.gain && source < best.source)) best = { source, gain };
    return best;
  }

  #holdersOf({ stem, required }: Claim): Set<number> {
    const alike = this.#alike.get(stem.slice(0, 4)) ?? [];
    const least = required ? SAME_NAME : SAME;
    const same = alike.filter((other) => stemSimilarity(stem, other, { typos: false }) >= least);
    return new Set(same.flatMap((other) => this.#holders.get(other)!));
  }
}
