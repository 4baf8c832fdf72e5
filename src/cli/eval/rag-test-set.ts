/**
 * The test set of `vikhr eval rag` without `--data`: generated dialogues with names that no training row has, half of them
 * in phrasings that none has either, as many in Russian as in English. From each set of documents one question that they
 * answer and one that they do not.
 */
import { createHash } from "node:crypto";
import type { GroundedTestRow } from "../../datasets/grounded-test-row.ts";
import type { TestSet } from "../../datasets/read-test-set.ts";
import { parseDocuments } from "../../grounding/parse-documents.ts";
import { generateDialogues } from "../../synthesis/grounded/generate.ts";
import type { GroundedSplit, Language } from "../../synthesis/grounded/options.ts";
import type { GroundedRow } from "../../synthesis/grounded/row.ts";

export const TEST_SET_SEED = 20261126;

const SPLITS: readonly GroundedSplit[] = ["test-names", "test-templates"];
const LANGUAGES: readonly Language[] = ["ru", "en"];

/** At least so many questions of each domain, the same ones for the same number; fewer are a part of more. */
export function generatedTestSet(questions: number): Pick<TestSet, "rows" | "sha256"> {
  const each = Math.ceil(questions / (SPLITS.length * LANGUAGES.length));
  const rows = LANGUAGES.flatMap((language) =>
    // A seed of its own for each: the same one would tell the same facts in other words.
    SPLITS.flatMap((split, i) => pairs(language, split, TEST_SET_SEED + i, each).flat()),
  );
  return { rows, sha256: createHash("sha256").update(JSON.stringify(rows)).digest("hex") };
}

function pairs(language: Language, split: GroundedSplit, seed: number, count: number): GroundedTestRow[][] {
  const found: GroundedTestRow[][] = [];
  let cluster: GroundedRow[] = [];
  for (const row of generateDialogues({ split, seed, languages: { [language]: 1 } })) {
    if (row.cluster !== cluster[0]?.cluster) {
      const inside = cluster.find((one) => one.relevant_doc_ids.length > 0);
      const outside = cluster.find((one) => one.relevant_doc_ids.length === 0 && one.document_count > 0);
      if (inside && outside) found.push([testRow(inside), testRow(outside)]);
      if (found.length === count) break;
      cluster = [];
    }
    cluster.push(row);
  }
  return found;
}

function testRow(row: GroundedRow): GroundedTestRow {
  const { language, kind, relevant_doc_ids, value_forms, polarity } = row;
  const cluster = `${language} ${row.cluster}`;
  const content = (role: string) => row.messages.find((message) => message.role === role)!.content;
  return {
    id: `${cluster} ${kind}`,
    domain: relevant_doc_ids.length > 0 ? "in_domain" : "out_of_domain",
    language,
    documents: parseDocuments(JSON.parse(content("documents"))),
    messages: [{ role: "user", content: content("user") }],
    relevantDocIds: relevant_doc_ids,
    reference: row.messages.at(-1)!.content,
    cluster,
    ...(value_forms.length > 0 && { valueForms: value_forms }),
    ...(polarity !== undefined && { polarity }),
  };
}
