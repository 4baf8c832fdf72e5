/**
 * A synthetic corpus, and queries to it: half Russian and half English, of made words with endings that our stemmers
 * know, real function words the commonest, as often as Zipf's law has it. Any chunk is made from its number alone.
 */
import type { IndexEntry } from "../../src/index/chunk-index.ts";
import type { Chunk } from "../../src/spec/document.ts";

/** Words of each of the two languages. */
const VOCABULARY = 100_000;
const WORDS_A_CHUNK = 120;
const WORDS_A_SENTENCE = 14;
const CHUNKS_A_DOCUMENT = 20;
/** What a sync writes at once (src/index/sync.ts). */
const CHUNKS_A_BATCH = 4000;

interface Language {
  /** In the order of how often they occur; real, so that an index may treat them apart. */
  common: string;
  onsets: string;
  vowels: string;
  /** The forms of a stem. */
  endings: readonly string[];
}

const LANGUAGES: readonly Language[] = [
  {
    common:
      "и в не на что с он как а то это но из у по все к за так же от о она его когда для мы или если только чтобы где",
    onsets: "б в г д ж з к л м н п р с т ф х ц ч ш ст пр тр кр вл",
    vowels: "а е и о у ы я",
    endings: ["", "а", "ов", "ами", "ный", "ного", "ить", "ает", "ение", "ости"],
  },
  {
    common:
      "the of and to a in is that it for was on with as be by not this are from at or an which but what how when who where",
    onsets: "b c d f g h k l m n p r s t v w st tr pl gr ch th sh",
    vowels: "a e i o u",
    endings: ["", "s", "ed", "ing", "er", "ation", "ly", "ness"],
  },
];

/** Numbers from 0 to 1, the same for the same seed: mulberry32. */
type Random = () => number;

function randomFrom(seed: number): Random {
  // Neighbouring seeds begin neighbouring sequences: the product sets them apart.
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pick = <T>(random: Random, from: ArrayLike<T>): T => from[Math.floor(random() * from.length)]!;

const VOCABULARIES = LANGUAGES.map(vocabulary);

/** The forms of one stem lie thousands of ranks apart, the commonest form another for every stem. */
function vocabulary({ common, onsets, vowels, endings }: Language, seed: number): string[] {
  const random = randomFrom(seed);
  const words = new Set(common.split(" "));
  const [first, second] = [onsets.split(" "), vowels.split(" ")];
  const syllable = () => pick(random, first) + pick(random, second);
  // Some are the same.
  const stems = Array.from(
    { length: Math.ceil((1.1 * VOCABULARY) / endings.length) },
    () => syllable() + syllable() + (random() < 0.5 ? syllable() : "") + pick(random, first),
  );
  for (let form = 0; words.size < VOCABULARY; form++)
    for (const [i, stem] of stems.entries())
      if (words.size < VOCABULARY) words.add(stem + endings[(form + i) % endings.length]!);
  return [...words];
}

/** By Zipf's law: P(rank) = log((rank + 2) / (rank + 1)) / log(words + 1), the commonest word every sixteenth. */
function drawWord(random: Random, words: readonly string[]): string {
  return words[Math.floor((words.length + 1) ** random() - 1)]!;
}

/** A document is of one language. */
const wordsOf = (chunk: number) => VOCABULARIES[Math.floor(chunk / CHUNKS_A_DOCUMENT) % VOCABULARIES.length]!;

function drawWords(chunk: number): string[] {
  const random = randomFrom(chunk);
  const words = wordsOf(chunk);
  return Array.from({ length: WORDS_A_CHUNK }, () => drawWord(random, words));
}

function makeChunk(number: number, source: string): Chunk {
  const words = drawWords(number);
  const title = `${words[7]} > ${words[31]} ${words[63]}`;
  let text = "";
  for (let at = 0; at < words.length; at += WORDS_A_SENTENCE) {
    const sentence = words.slice(at, at + WORDS_A_SENTENCE).join(" ");
    text += `${at === 0 ? "" : " "}${sentence[0]!.toUpperCase()}${sentence.slice(1)}.`;
  }
  const start = (number % CHUNKS_A_DOCUMENT) * 1000;
  return { source, title, format: "markdown", text, start, end: start + text.length };
}

/** Documents of the chunks from `from` on, before `to`, never more than a batch of them in memory. */
export function* batches(to: number, from = 0): Generator<IndexEntry[]> {
  let entries: IndexEntry[] = [];
  for (let first = from; first < to; first += CHUNKS_A_DOCUMENT) {
    const document = first / CHUNKS_A_DOCUMENT;
    const source = `/notes/${document % 100}/${document}.md`;
    const count = Math.min(CHUNKS_A_DOCUMENT, to - first);
    entries.push({
      document: {
        source,
        title: null,
        format: "markdown",
        hash: source,
        modified: document,
        addedAs: "/notes",
      },
      chunks: Array.from({ length: count }, (_, i) => makeChunk(first + i, source)),
    });
    if (entries.length * CHUNKS_A_DOCUMENT >= CHUNKS_A_BATCH) {
      yield entries;
      entries = [];
    }
  }
  if (entries.length > 0) yield entries;
}

/** Queries of `length` different words, each of one chunk's, drawn as they stand there: common ones are the most. */
export function makeQueries(chunks: number, length: number, count: number): string[] {
  const random = randomFrom(-length);
  return Array.from({ length: count }, () => {
    const words = drawWords(Math.floor(random() * chunks));
    const found = new Set<string>();
    while (found.size < length) found.add(pick(random, words));
    return [...found].join(" ");
  });
}
