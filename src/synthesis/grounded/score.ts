/**
 * Scores an answer against the row that it was generated from: the same object makes the data and judges it.
 * Ids must agree exactly; values are looked up as whole words, in any of the forms that the row lists.
 */
import { ENGLISH } from "./en/pack.ts";
import type { GroundedKind, Language } from "./options.ts";
import type { GroundedRow } from "./row.ts";
import { RUSSIAN } from "./ru/pack.ts";

export interface GroundedScore {
  kind: GroundedKind;
  language: Language;
  answerable: boolean;
  idsExact: boolean;
  /** The model chose no document. */
  refused: boolean;
  /** The text reads as a refusal, whatever the ids say. */
  refusalText: boolean;
  /** Every value is in the answer, and a yes-no answer opens rightly; null where there is nothing to find. */
  valueRight: boolean | null;
  /** Ids exact, and the value right or the text a refusal. */
  right: boolean;
  /** Chance of the ids being exact for who guesses among all sets of the right size; among all sets, for refusals. */
  chance: number;
}

/** What the row says: chat rows have nothing to score and must be left out. */
export function scoreGroundedAnswer(
  row: GroundedRow,
  given: { relevantDocIds: readonly number[]; answer: string },
): GroundedScore {
  const wanted = row.relevant_doc_ids;
  const answerable = wanted.length > 0;
  const ids = [...new Set(given.relevantDocIds)].sort((a, b) => a - b);
  const idsExact = ids.length === wanted.length && ids.every((id, at) => id === wanted[at]);
  const pattern = row.language === "ru" ? RUSSIAN.refusalPattern : ENGLISH.refusalPattern;
  const refusalText = pattern.test(given.answer);
  const valueRight = answerable ? holdsValues(row, given.answer) : null;
  return {
    kind: row.kind,
    language: row.language,
    answerable,
    idsExact,
    refused: ids.length === 0,
    refusalText,
    valueRight,
    right: idsExact && (valueRight ?? refusalText),
    chance: answerable ? 1 / choose(row.document_count, wanted.length) : 2 ** -row.document_count,
  };
}

/** Every value is in the answer, in some form, and a yes-no answer opens rightly. */
export function holdsValues(row: Pick<GroundedRow, "value_forms" | "polarity">, answer: string): boolean {
  const text = normalise(answer);
  const opens = { yes: /^(?:да|yes)(?!\p{L})/u, no: /^(?:нет|no)(?!\p{L})/u };
  if (row.polarity && !opens[row.polarity].test(text)) return false;
  return row.value_forms.every((forms) => forms.some((form) => holdsWord(text, normalise(form))));
}

/** Small letters, е for ё, single spaces, no group spaces inside numbers, plain quotation marks. */
export function normalise(text: string): string {
  return text
    .normalize("NFC")
    .toLowerCase()
    .replaceAll("ё", "е")
    .replace(/[«»“”„]/g, '"')
    .replace(/(\d)[\s\u00a0](?=\d{3}(?!\d))/g, "$1")
    .replace(/\s+/g, " ")
    .trim();
}

/** Whole words only: 12 is not in 1234, nor "oak" in "oaken". */
export function holdsWord(text: string, word: string): boolean {
  const inWord = /[\p{L}\p{N}]/u;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const before = text[at - 1] ?? " ";
    const after = text[at + word.length] ?? " ";
    if (!(inWord.test(before) && inWord.test(word[0]!)) && !(inWord.test(after) && inWord.test(word.at(-1)!)))
      return true;
  }
  return false;
}

function choose(n: number, k: number): number {
  let count = 1;
  for (let i = 1; i <= k; i++) count = (count * (n - k + i)) / i;
  return count;
}
