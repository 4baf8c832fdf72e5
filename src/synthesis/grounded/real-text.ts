/**
 * Real text for the `passage` kind: a folder of plain text, Markdown, CoNLL-U and XML in, its clean sentences out.
 * "Clean" is by rule: a capital at the start, an end mark, 30 to 120 characters, no trace of markup.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { InputError } from "../../errors.ts";
import { splitSentences } from "../../util/split-sentences.ts";
import type { Language } from "./options.ts";

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

/** Bounds on a folder that someone else filled: bytes of one file, sentences of one language. */
const MAX_FILE_BYTES = 4_000_000;
const MAX_SENTENCES = 60_000;

/** Each sentence once, verbatim but for white space. */
export function loadSentences(root: string, language: Language): string[] {
  const sentences = new Set<string>();
  for (const folder of FOLDERS[language])
    for (const file of filesUnder(join(root, folder))) {
      for (const paragraph of paragraphsOf(file))
        for (const { start, end } of splitSentences(paragraph)) {
          const sentence = paragraph.slice(start, end).replace(/\s+/g, " ");
          if (isClean(sentence, language)) sentences.add(sentence);
        }
      if (sentences.size > MAX_SENTENCES) break;
    }
  if (sentences.size < 100)
    throw new InputError(
      `${root} holds no ${language} text to speak of: expected folders such as ${FOLDERS[language][0]}`,
    );
  return [...sentences];
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

const MARKUP = /[<>{}[\]|*_#=\\/@~^`$&"]|https?:|''|--|\.\.|- |\d\.\d|\s[,.]/;

function isClean(sentence: string, language: Language): boolean {
  if (sentence.length < 30 || sentence.length > 120 || MARKUP.test(sentence)) return false;
  if (!/^[\p{Lu}]/u.test(sentence) || !/[\p{L}\p{Nd}%][.!?]$/u.test(sentence)) return false;
  const native = language === "ru" ? /[а-яё]/gi : /[a-z]/gi;
  const opened = (sentence.match(/[«(]/g) ?? []).length;
  const closed = (sentence.match(/[»)]/g) ?? []).length;
  return opened === closed && (sentence.match(native)?.length ?? 0) > 0.7 * sentence.length;
}
