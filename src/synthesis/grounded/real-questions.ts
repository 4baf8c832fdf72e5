/**
 * Dialogues over real text: the question quotes some words of one sentence, the answer is that sentence, verbatim.
 * Unanswerable ones quote a sentence that is not there, by a word that none of the documents has.
 */
import type { LanguagePack } from "./language-pack.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Exchange } from "./questions.ts";
import type { Random } from "./random.ts";
import { type Passage, type RealText, wordsOf } from "./real-text.ts";
import type { RenderedDocument } from "./render-documents.ts";
import { isTestStem } from "./stems.ts";
import { addTypo } from "./typo.ts";

/** A word counts as rare in up to this many passages. */
const RARE = 12;

export interface RealSource {
  text: RealText;
  /** Those of the text that the split may use. */
  passages: readonly Passage[];
}

export interface RealCluster {
  documents: RenderedDocument[];
  exchanges: Exchange[];
}

/** The passages that this split may use. */
export function passagesOf(text: RealText, split: ResolvedOptions["split"]): Passage[] {
  return text.passages.filter(({ sentences }) => isTestStem(sentences[0]!) === (split !== "train"));
}

export function realCluster(
  random: Random,
  pack: LanguagePack,
  { text, passages }: RealSource,
  options: ResolvedOptions,
): RealCluster {
  const count = random.int(...options.documents);
  const shown = Array.from({ length: count }, () => excerpt(random, random.pick(passages)));
  const documents = shown.map(({ title, sentences }, id) => ({
    doc_id: id,
    title: random.chance(0.3) ? title : null,
    content: wrap(random, sentences.join(" "), options),
  }));
  const exchanges: Exchange[] = [];
  const wanted = random.int(...options.questions);
  const { real, "real-absent": absent } = options.kinds;
  for (let attempt = 0; exchanges.length < wanted && attempt < wanted * 6; attempt++) {
    const inVain = random.weighted([real, absent]) === 1;
    const ask = inVain ? askAbsent : askPresent;
    const exchange = ask(random, pack, text, shown, passages, options.typoProbability);
    if (exchange && exchanges.every(({ question }) => question !== exchange.question))
      exchanges.push(exchange);
  }
  return { documents, exchanges };
}

function excerpt(random: Random, { title, sentences }: Passage): Passage {
  const length = Math.min(sentences.length, random.int(1, 3));
  const start = random.int(0, sentences.length - length);
  return { title, sentences: sentences.slice(start, start + length) };
}

function wrap(random: Random, text: string, { formats }: ResolvedOptions): string {
  return random.weighted([formats.plain + formats.markdown, formats.html]) === 1 ? `<p>${text}</p>` : text;
}

type AskReal = (
  random: Random,
  pack: LanguagePack,
  text: RealText,
  shown: readonly Passage[],
  passages: readonly Passage[],
  typo: number,
) => Exchange | null;

const askPresent: AskReal = (random, pack, text, shown, _passages, typo) => {
  const at = random.int(0, shown.length - 1);
  const sentence = random.pick(shown[at]!.sentences);
  const others = shown.filter((_, other) => other !== at);
  const snippet = pickSnippet(random, text, sentence, others);
  if (snippet === null) return null;
  const lead = random.chance(0.2) ? `${random.pick(pack.real.leads)} ` : "";
  return {
    kind: "real",
    question: quote(random, pack, snippet, sentence, typo),
    relevant: [at],
    answer: lead + sentence,
    values: [{ key: sentence, accepted: [sentence] }],
  };
};

const askAbsent: AskReal = (random, pack, text, shown, passages, typo) => {
  const sentence = random.pick(random.pick(passages).sentences);
  const snippet = pickSnippet(random, text, sentence, shown);
  if (snippet === null) return null;
  return {
    kind: "real-absent",
    question: quote(random, pack, snippet, sentence, typo),
    relevant: [],
    answer: random.pick(pack.refusals.train),
    values: [],
  };
};

interface Snippet {
  words: string;
  /** The rare word in it, as it stands. */
  rare: string;
}

/** One to five words around a rare one, with no mark between; none of `others` has the rare word. */
function pickSnippet(
  random: Random,
  text: RealText,
  sentence: string,
  others: readonly Passage[],
): Snippet | null {
  const taken = new Set(others.flatMap((passage) => wordsOf(passage.sentences.join(" "))));
  const isRare = (word: string) =>
    word.length >= 5 &&
    !taken.has(word.toLowerCase()) &&
    (text.frequency.get(word.toLowerCase()) ?? 0) <= RARE;
  const pieces = sentence
    .split(/[^\p{L}\p{N} -]+/u)
    .map((piece) => piece.trim().split(/\s+/))
    .filter((words) => words.length >= 2 && words.some(isRare));
  if (pieces.length === 0) return null;
  const words = random.pick(pieces);
  const places = words.flatMap((word, at) => (isRare(word) ? [at] : []));
  const centre = random.pick(places);
  const length = Math.min(words.length, random.int(2, 5));
  const start = Math.max(0, Math.min(centre - random.int(0, length - 1), words.length - length));
  let [from, to] = [start, start + length];
  // People quote from one full word to another: "the" and "and" fall off the ends.
  while (from < centre && words[from]!.length <= 3) from++;
  while (to > centre + 1 && words[to - 1]!.length <= 3) to--;
  return { words: words.slice(from, to).join(" "), rare: words[centre]! };
}

/** The bare snippet, the snippet in a question, or the sentence with the rare word left out. */
function quote(random: Random, pack: LanguagePack, snippet: Snippet, sentence: string, typo: number): string {
  const way = random.float();
  if (way < 0.15)
    return random
      .pick(pack.real.cloze)
      .replace("{s}", () => sentence.slice(0, -1).replace(snippet.rare, "..."));
  const words = random.chance(typo / 2) ? addTypo(random, snippet.words) : snippet.words;
  if (way < 0.35) return words;
  return random.pick(pack.real.questions).replace("{s}", () => words);
}
