/** Verdicts to read: question, both answers, both judgments, found by model, topic, outcome and what went wrong. */
import type { ArenaReport, Verdict } from "../../arena/arena-report.ts";
import type { Html } from "../page/html.ts";
import { type ItemPart, itemBrowser } from "../page/item-browser.ts";
import { failureWords, type Words } from "../page/say.ts";

export function verdictBrowser(id: string, { verdicts, baseline }: ArenaReport): Html {
  return itemBrowser<Verdict>({
    id,
    items: verdicts,
    facets: [
      { label: "model", of: ({ model }) => [model] },
      { label: "topic", of: ({ topic }) => (topic === undefined ? [] : [topic]) },
      { label: "verdict.outcome", of: (verdict) => [outcome(verdict)] },
      { label: "verdict.notable", of: notable },
    ],
    title: ({ question, questionId }) => question ?? String(questionId),
    tags: (verdict) => [
      verdict.model,
      ...verdict.games.map(({ score }) => score ?? "–"),
      outcome(verdict),
      ...notable(verdict),
    ],
    parts: (verdict) => partsOf(verdict, baseline),
  });
}

function outcome({ points }: Verdict): Words {
  if (points === null) return ["verdict.unscored"];
  return [points > 0.5 ? "verdict.model-better" : points < 0.5 ? "verdict.baseline-better" : "verdict.even"];
}

function notable({ isContradictory, games }: Verdict): Words[] {
  const failures = games.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  return [
    ...(isContradictory ? [["verdict.contradictory"] as const] : []),
    ...[...new Set(failures)].map(failureWords),
  ];
}

function partsOf(
  { question, questionId, model, answer, baselineAnswer, games }: Verdict,
  baseline: string,
): ItemPart[] {
  const parts: ItemPart[] = [
    { label: ["verdict.question", String(questionId)], text: question ?? "–", isShared: true },
  ];
  if (answer !== undefined) parts.push({ label: ["verdict.answer", model], text: answer, isHalf: true });
  if (baselineAnswer !== undefined)
    parts.push({ label: ["verdict.answer", baseline], text: baselineAnswer, isHalf: true, isShared: true });
  for (const { first, score, failure, judgment } of games)
    parts.push({
      label: [
        "verdict.judgment",
        first === "baseline" ? baseline : model,
        first === "baseline" ? model : baseline,
        [score !== null && `[[${score}]]`, failure].filter(Boolean).join(", ") || "–",
      ],
      text: judgment ?? "–",
      isHalf: true,
    });
  return parts;
}
