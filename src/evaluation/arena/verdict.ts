/** What a judge wrote -> the game's score, or the name of what is missing. The rules are those of arena-hard; nothing is guessed. */
import type { Completion } from "../calls/ask-model.ts";
import { isForeign } from "../is-foreign.ts";
import { LABELS } from "./outcome-of.ts";
import type { GameRow } from "./rows.ts";

const LABEL = /\[\[([AB<>=]+)\]\]/g;

/** For people who read a report. */
export const VERDICT_RULES = `Two games a question: the baseline stands first (A), then second (B).
The label is what ${LABEL.source} finds in the judgment. Without one the judge is asked once more.
Two different labels: no score. An unknown label: no score. A call that failed: no score.
A judgment whose letters are mostly neither Cyrillic nor Latin is noted, and its label counts.`;

/** The distinct labels in the text, those that do not exist among them. */
export function labelsIn(text: string): string[] {
  return [...new Set([...text.matchAll(LABEL)].map((match) => match[1]!))];
}

/**
 * One label: the score. Two different ones: no score. None, over all turns: no score. A label that does not exist is kept as
 * it is, and counts for nothing. A label in a judgment whose letters are mostly neither Cyrillic nor Latin counts, and that
 * is noted: the judge can hardly have read what it judged.
 */
export function verdictOf(turns: readonly Completion[]): GameRow {
  const judgment = turns.map(({ text }) => text).join("\n");
  const labels = labelsIn(judgment);
  const [score] = labels;
  if (score === undefined)
    return { score: null, failure: turns.some(({ isCut }) => isCut) ? "endless" : "no-label", judgment };
  if (labels.length > 1) return { score: null, failure: "two-labels", judgment };
  if (!LABELS.includes(score)) return { score, failure: "unknown-label", judgment };
  return isForeign(judgment) ? { score, failure: "wrong-language", judgment } : { score, judgment };
}
