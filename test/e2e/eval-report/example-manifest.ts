/** A manifest made up. */
import type { Manifest } from "../../../src/evaluation/manifest.ts";

export const exampleManifest = (command: string): Manifest => ({
  command,
  created: "2026-11-26T12:00:00.000Z",
  version: "0.1.0",
  data: {
    "questions.jsonl": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "judgments.jsonl": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
  },
  texts: {
    "Judge prompt":
      "Compare two answers.\n\nThink before you judge. Finish with one label:\n[[A>>B]] … [[B>>A]]",
    "Rules of verdicts": "No label: asked once more. Two labels: no score.",
  },
  settings: { judge: "gpt-4-1106-preview", temperature: 0, seed: 0, rounds: 1000, isStrict: true },
});
