/**
 * Real text for the `real` kinds: a folder of plain text, Markdown, CoNLL-U and XML in, runs of clean consecutive
 * sentences out. "Clean" is by rule: a capital at the start, an end mark, 30 to 200 characters, no trace of markup.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { InputError } from "../../errors.ts";
import { splitSentences } from "../../util/split-sentences.ts";
import type { Language } from "./options.ts";

export interface Passage {
  title: string | null;
  /** Consecutive in the source, each verbatim but for white space. */
  sentences: readonly string[];
}

export interface RealText {
  passages: readonly Passage[];
  /** In how many passages a word, in small letters, occurs: rare words make questions. */
  frequency: ReadonlyMap<string, number>;
}

/** Folders under the root; missing ones are passed over. XQuAD is not here and must never be: it measures. */
const FOLDERS: Readonly<Record<Language, readonly string[]>> = {
  ru: [
    "ru/wikipedia-sentences",
    "ru/news",
    "ru/literature",
    "ru/vue-docs",
    "parallel/rust-book/rustbook-ru",
    "parallel/nginx-docs/xml/ru",
  ],
  en: ["en/wikipedia", "en/literature", "parallel/rust-book/rustbook-en", "parallel/nginx-docs/xml/en"],
};

/** Bounds on a folder that someone else filled: bytes of one file, passages of one language. */
const MAX_FILE_BYTES = 4_000_000;
const MAX_PASSAGES = 60_000;

export function loadRealText(root: string, language: Language): RealText {
  const passages: Passage[] = [];
  const seen = new Set<string>();
  for (const folder of FOLDERS[language])
    for (const file of filesUnder(join(root, folder))) {
      const title = titleOf(file);
      for (const paragraph of paragraphsOf(file))
        for (const sentences of cleanRuns(paragraph, language)) {
          // Boilerplate that stands in many files would make a question with several right documents.
          if (seen.has(sentences[0]!)) continue;
          seen.add(sentences[0]!);
          passages.push({ title, sentences });
        }
      if (passages.length > MAX_PASSAGES) break;
    }
  if (passages.length < 100)
    throw new InputError(
      `${root} holds no ${language} text to speak of: expected folders such as ${FOLDERS[language][0]}`,
    );
  return { passages, frequency: countWords(passages) };
}

function filesUnder(folder: string): string[] {
  let entries: string[];
  try {
    entries = readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch {
    return [];
  }
  return entries
    .sort()
    .map((entry) => join(folder, entry))
    .filter((file) => /\.(txt|md|conllu|xml)$/.test(file) && !/LICENSE|README/.test(file))
    .filter((file) => statSync(file).size <= MAX_FILE_BYTES);
}

/** File names that read as a title ("Шинель"), not as an identifier. */
function titleOf(file: string): string | null {
  const name = basename(file, extname(file));
  return /^\p{Lu}[\p{L} ,-]{3,40}$/u.test(name) ? name : null;
}

function paragraphsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const type = extname(file);
  if (type === ".conllu") return [...text.matchAll(/^# text = (.*)$/gm)].map((match) => match[1]!);
  if (type === ".xml") return [...text.matchAll(/<para>([^<>&]*)<\/para>/g)].map((match) => match[1]!);
  if (type === ".md") return text.replace(/^```[\s\S]*?^```/gm, "").split(/\n\s*\n/);
  // WikiText separates words and marks by spaces; other plain text has a paragraph per line or per blank line.
  return text.split(/\n\s*\n|\n(?=[\s—-])|(?<=[.!?…])\s*\n/).map(joinMarks);
}

function joinMarks(text: string): string {
  return text
    .replace(/ ([,.;:!?)])/g, "$1")
    .replace(/\( /g, "(")
    .replace(/ ('s|n't|'re|'ve|'ll)\b/g, "$1");
}

const MARKUP = /[<>{}[\]|*_#=\\/@~^`$%&"]|https?:|''|--|\.\.|- |\d\.\d|\s[,.]/;

/** Stretches of neighbouring sentences that are all clean. */
function cleanRuns(paragraph: string, language: Language): string[][] {
  const runs: string[][] = [[]];
  for (const { start, end } of splitSentences(paragraph)) {
    const sentence = paragraph.slice(start, end).replace(/\s+/g, " ");
    if (isClean(sentence, language)) runs.at(-1)!.push(sentence);
    else if (runs.at(-1)!.length > 0) runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}

function isClean(sentence: string, language: Language): boolean {
  if (sentence.length < 30 || sentence.length > 200 || MARKUP.test(sentence)) return false;
  if (!/^[\p{Lu}]/u.test(sentence) || !/\p{L}[.!?]$/u.test(sentence)) return false;
  const native = language === "ru" ? /[а-яё]/gi : /[a-z]/gi;
  const opened = (sentence.match(/[«(]/g) ?? []).length;
  const closed = (sentence.match(/[»)]/g) ?? []).length;
  return opened === closed && (sentence.match(native)?.length ?? 0) > 0.7 * sentence.length;
}

export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/\p{L}+(?:-\p{L}+)*/gu) ?? [];
}

function countWords(passages: readonly Passage[]): Map<string, number> {
  const frequency = new Map<string, number>();
  for (const { sentences } of passages)
    for (const word of new Set(wordsOf(sentences.join(" "))))
      frequency.set(word, (frequency.get(word) ?? 0) + 1);
  return frequency;
}
