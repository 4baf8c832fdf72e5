/**
 * tsx recipes/default-model/data.ts <set> <out.jsonl>
 *
 * Writes one set of dialogues. The stages are the curriculum: short documents first, then all kinds and lengths. Rows
 * of one cluster stand together. Deterministic.
 */

import { generateDialogues } from "../../src/synthesis/grounded/generate.ts";
import { writeFileAtomic } from "../../src/util/write-file-atomic.ts";
import { DIALOGUE_SETS, type DialogueSet } from "./dialogue-sets.ts";

const [name, out] = process.argv.slice(2);
const set = DIALOGUE_SETS[name ?? ""];
if (!set || !out) {
  console.error(`usage: data.ts <${Object.keys(DIALOGUE_SETS).join("|")}> <out.jsonl>`);
  process.exit(2);
}
await writeFileAtomic(out, lines(set));

function* lines({ clusters, options }: DialogueSet): Generator<string> {
  let count = 0;
  let last = "";
  for (const row of generateDialogues(options)) {
    if (row.cluster !== last && ++count > clusters) return;
    last = row.cluster;
    yield `${JSON.stringify(row)}\n`;
  }
}
