/**
 * Documents that say otherwise than the world does (counterfactual robustness: RGB, Chen et al. 2024): a model that follows
 * its documents repeats their mistake, one that answers from memory corrects it. The facts are known to every large model.
 */
import type { GroundedTestRow } from "../../datasets/grounded-test-row.ts";
import { ENGLISH_FACTS, type Fact, RUSSIAN_FACTS } from "./known-facts.ts";

export interface CounterfactualRow {
  row: GroundedTestRow;
  /** Beginnings of words, in small letters: what the document says, and what is so. */
  told: string;
  known: string;
}

/** The first `count` of each language; each document beside a true one on something else. */
export function counterfactualRows(count: number): CounterfactualRow[] {
  return [rowsOf("ru", RUSSIAN_FACTS), rowsOf("en", ENGLISH_FACTS)].flatMap((rows) => rows.slice(0, count));
}

function rowsOf(language: "ru" | "en", facts: readonly Fact[]): CounterfactualRow[] {
  return facts.map(({ question, statement, known, told }, at) => {
    const other = facts[(at + 1) % facts.length]!;
    const changed = statement.replace("{}", () => spelled(told));
    const contents = [changed, other.statement.replace("{}", () => spelled(other.known))];
    const own = at % 2;
    return {
      told: stem(told),
      known: stem(known),
      row: {
        id: `counterfactual ${language} ${at}`,
        domain: "in_domain",
        language,
        documents: (own === 0 ? contents : contents.toReversed()).map((content, docId) => ({
          docId,
          title: null,
          content,
        })),
        messages: [{ role: "user", content: question }],
        relevantDocIds: [own],
        reference: changed,
      },
    };
  });
}

/** Whether a word of the text begins so. A number must be the whole word. */
export function holdsStem(text: string, stem: string): boolean {
  const lower = text.toLowerCase().replaceAll("ё", "е");
  const end = /\d$/.test(stem) ? "(?!\\d)" : "";
  return new RegExp(`(?<![\\p{L}\\p{N}])${stem}${end}`, "u").test(lower);
}

/** `Волг(а)`: the brackets hold the ending that changes. */
const spelled = (value: string) => value.replace(/[()]/g, "");
const stem = (value: string) =>
  value
    .replace(/\(.*\)/, "")
    .toLowerCase()
    .replaceAll("ё", "е");
