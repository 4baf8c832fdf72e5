/** Observations in; intervals, calibration, and questions about two documents at once out. */
import { createHash } from "node:crypto";
import { quoteAnswer } from "../../src/grounding/quotes/quote-answer.ts";
import { relevanceOf } from "../../src/retrieval/relevance/relevance.ts";
import { type Half, instancesOf, type Language, loadXquad, type Setting } from "../xquad.ts";
import { fitRelevance } from "./fit-relevance.ts";
import { type Figures, figuresOf, type Observation, share, thresholdRefusing } from "./measure.ts";

const DRAWS = 200;

type Rates = Record<Exclude<keyof Figures, "language" | "half">, number>;

/** Low and high end of the middle 95 % of figures over paragraphs drawn with replacement. */
export function bootstrap(
  observations: readonly Observation[],
  language: Language,
  half: Half,
): [Rates, Rates] {
  const byParagraph = new Map<number, Observation[]>();
  for (const o of observations)
    if (o.language === language && o.question.half === half)
      byParagraph.set(o.question.paragraph, [...(byParagraph.get(o.question.paragraph) ?? []), o]);
  const paragraphs = [...byParagraph.values()];
  const draws = [...Array(DRAWS).keys()].map((draw) =>
    figuresOf(
      paragraphs.flatMap((_, i) => paragraphs[random(`${draw} ${i}`) % paragraphs.length]!),
      language,
      half,
    ),
  );
  const end = (q: number) => {
    const { language: _, half: __, ...first } = draws[0]!;
    const keys = Object.keys(first) as (keyof Rates)[];
    const at = (key: keyof Rates) => draws.map((d) => d[key]).sort((a, b) => a - b)[Math.floor(q * DRAWS)]!;
    return Object.fromEntries(keys.map((key) => [key, at(key)])) as Rates;
  };
  return [end(0.025), end(0.975)];
}

/** Refusals over all questions, each half judged by weights that were fitted on the other. */
export function crossFitted(observations: readonly Observation[], language: Language) {
  const judged = (["tune", "report"] as const).flatMap((half) => {
    const weights = fitRelevance(observations.filter((o) => o.question.half !== half));
    const here = observations.filter((o) => o.question.half === half && o.language === language);
    return here.map((o) => ({
      ...o,
      top: Math.max(...o.supports.map((support) => relevanceOf(support, weights))),
    }));
  });
  const among = (setting: Setting) => judged.filter((o) => o.setting === setting);
  const refused = (setting: "hard" | "random", wrong: number) => {
    const threshold = thresholdRefusing(among(setting), wrong);
    return share(among(`${setting}Absent`), (o) => o.top < threshold);
  };
  return { hardAt10: refused("hard", 0.1), randomAt5: refused("random", 0.05) };
}

export interface ReliabilityBin {
  from: number;
  to: number;
  count: number;
  said: number;
  found: number;
}

export function reliability(observations: readonly Observation[]): ReliabilityBin[] {
  const pairs = observations.flatMap((o) =>
    o.relevance.map((said, i) => ({ said, found: o.documents[i] === o.question.paragraph })),
  );
  return [...Array(10).keys()].flatMap((bin) => {
    const inside = pairs.filter(({ said }) => Math.min(9, Math.floor(said * 10)) === bin);
    if (inside.length === 0) return [];
    const said = inside.reduce((sum, pair) => sum + pair.said, 0) / inside.length;
    const found = inside.filter((pair) => pair.found).length / inside.length;
    return [{ from: bin / 10, to: (bin + 1) / 10, count: inside.length, said, found }];
  });
}

/** Two questions of different paragraphs in one message, with both paragraphs and the hardest two others of each. */
export function twoQuestions(language: Language, half: Half) {
  const xquad = loadXquad(language);
  const hard = instancesOf(xquad).filter((i) => i.setting === "hard" && i.question.half === half);
  const results = hard.flatMap((one, n) => {
    const two = hard[(n + 61) % hard.length]!;
    const own = [one.question.paragraph, two.question.paragraph];
    const others = [...new Set([one, two].flatMap((i) => i.documents))].filter((i) => !own.includes(i));
    if (own[0] === own[1] || others.length < 4) return [];
    const ids = [...own, ...others.slice(0, 2), ...others.slice(-2)].sort((a, b) => a - b);
    const documents = ids.map((docId) => ({ docId, title: null, content: xquad.paragraphs[docId]! }));
    const asked = `${one.question.question.trim()} ${two.question.question.trim()}`;
    const { relevantDocIds, citations } = quoteAnswer(asked, documents);
    const both = own.every((docId) => relevantDocIds.includes(docId));
    const said = (answer: string) => citations.some((citation) => citation.text.includes(answer.trim()));
    return [
      {
        both,
        exact: both && relevantDocIds.length === 2,
        shown: [one, two].every((i) => said(i.question.answer)),
      },
    ];
  });
  const rate = (key: "both" | "exact" | "shown") => results.filter((r) => r[key]).length / results.length;
  return { count: results.length, both: rate("both"), exact: rate("exact"), shown: rate("shown") };
}

function random(seed: string): number {
  return createHash("sha256").update(seed).digest().readUInt32BE(0);
}
