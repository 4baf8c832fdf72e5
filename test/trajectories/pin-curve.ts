/**
 * npx tsx test/trajectories/pin-curve.ts: writes the curve that sft.test.ts compares with. Computed in doubles by
 * the reference backend, so that it belongs to no processor; takes about a minute.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openReferenceBackend } from "../../src/tensor/reference/backend.ts";
import { runSft } from "../../src/train/run-sft.ts";
import { writeFileAtomic } from "../../src/util/write-file-atomic.ts";
import { EVALUATION, FIXTURES, metricsOf, tinySettings, writeTinyVocabulary } from "./tiny-run.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-pin-"));
await writeTinyVocabulary(folder);
for (const optim of ["adamw", "muon"] as const) {
  const settings = tinySettings(folder, optim, { optim, eval_dataset: EVALUATION });
  await runSft(settings, openReferenceBackend());
  const rows = metricsOf(settings).map((row) => JSON.stringify(row));
  await writeFileAtomic(join(FIXTURES, `curve-${optim}.jsonl`), `${rows.join("\n")}\n`);
}
rmSync(folder, { recursive: true });
