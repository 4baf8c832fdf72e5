/**
 * A list of made-up names to say again: half of its tokens can only be copied. A small model from nothing learns to
 * copy from it within a million tokens, and from dialogues over documents, which ask for more at once, not in three
 * (docs/log.md).
 */
import type { NameSource } from "./grammar.ts";
import type { LanguagePack } from "./language-pack.ts";
import type { Random } from "./random.ts";
import type { GroundedRow } from "./row.ts";

export function repeatRow(
  random: Random,
  pack: LanguagePack,
  names: NameSource,
  cluster: string,
): GroundedRow {
  const list = Array.from(
    { length: random.int(3, 12) },
    () => random.pick(pack.types).make(random, names).name.forms.n,
  ).join(", ");
  return {
    messages: [
      { role: "user", content: `${random.pick(pack.repeat)}: ${list}` },
      { role: "assistant", content: list },
    ],
    cluster,
    kind: "repeat",
    language: pack.language,
    relevant_doc_ids: [],
    document_count: 0,
    value: [],
    value_forms: [],
  };
}
