/**
 * npm run bench -- quotes [--fit]
 *
 * What src/grounding/quotes and src/grounding/cite.ts do on XQuAD, against the bars. Everything was chosen and
 * fitted on the tuning half; the report half is the result. `--fit` prints the weights fitted anew.
 */
import { citeAnswer } from "../src/grounding/cite.ts";
import { quoteAnswer } from "../src/grounding/quotes/quote-answer.ts";
import { RELEVANCE_THRESHOLD } from "../src/retrieval/relevance/relevance.ts";
import { citationFigures } from "./quotes/citations.ts";
import { fitRelevance } from "./quotes/fit-relevance.ts";
import {
  BARS,
  type Figures,
  figuresOf,
  type Observation,
  observe,
  share,
  thresholdRefusing,
} from "./quotes/measure.ts";
import { bootstrap, crossFitted, reliability, twoQuestions } from "./quotes/more-figures.ts";
import { type Half, hasXquad, LANGUAGES, type Language, loadXquad } from "./xquad.ts";

const HALVES: readonly Half[] = ["tune", "report"];

export function main(args: string[]): void {
  if (!hasXquad()) {
    console.error("quotes: the XQuAD sample is not in ../shared/data/xquad");
    process.exitCode = 1;
    return;
  }
  console.log(DEFINITIONS);
  const observations = LANGUAGES.flatMap(observe);
  const tuning = observations.filter((o) => o.question.half === "tune");
  if (args.includes("--fit")) console.log("fitted on the tuning half:", fitRelevance(tuning));
  for (const language of LANGUAGES) {
    printBars(observations, language);
    for (const half of HALVES) printCurve(observations, language, half);
    printReliability(observations, language);
    printMore(language);
  }
  printSpeed();
}

const DEFINITIONS = `
XQuAD, 120 paragraphs, 594 questions a language, halved by paragraph (a hash; the same halves in both languages).
hard: the own paragraph and the 5 that BM25 ranks highest of the others; absent: the 6 highest others.
random: the own paragraph and 5 drawn by hash; absent: 6 drawn. Documents have no titles and come in any order.
exact: the relevant ids are the own paragraph and nothing else. "free" has no threshold (never refuses).
refused at 10 %: absent ones refused, with the threshold that refuses 10 % of the answerable ones of the same half.
shipped: with the threshold of the product, ${RELEVANCE_THRESHOLD}. [..]: 95 % bootstrap interval over paragraphs.
first, three: the gold answer is in the best, in one of the three best sentences of the own paragraph.
`;

function printBars(observations: readonly Observation[], language: Language): void {
  console.log(`== ${language}`);
  const figures = HALVES.map((half) => figuresOf(observations, language, half));
  const [low, high] = bootstrap(observations, language, "report");
  for (const [name, what] of Object.entries(NAMES) as [keyof typeof NAMES, string][]) {
    const [tune, report] = figures.map((f) => f[name]) as [number, number];
    const bar = BARS[language][name];
    const verdict = bar === undefined ? "" : `bar ${percent(bar)} ${report >= bar ? "met" : "MISSED"}`;
    const interval = `[${percent(low[name])} ..${percent(high[name])}]`;
    console.log(
      `${what.padEnd(44)} tune ${percent(tune)}  report ${percent(report)} ${interval}  ${verdict}`,
    );
  }
  const crossed = crossFitted(observations, language);
  console.log("all questions, each half judged by weights fitted on the other:");
  console.log(
    `  refused: hard absent at 10 % ${percent(crossed.hardAt10)}, random absent at 5 % ${percent(crossed.randomAt5)}`,
  );
  console.log(
    `sentences shown for the own paragraph: ${figures.map((f) => f.quotesShown.toFixed(2)).join(", ")}`,
  );
}

const NAMES = {
  hardExact: "hard, ids exact, free",
  hardExactAt10: "hard, ids exact at 10 % wrong refusals",
  hardRefusedAt10: "hard absent, refused at 10 % wrong",
  randomExact: "random, ids exact, free",
  randomRefusedAt5: "random absent, refused at 5 % wrong",
  goldInFirst: "gold answer in the first sentence",
  goldInThree: "gold answer in three sentences",
  goldShown: "gold answer in the sentences shown",
  shippedHardExact: "shipped: hard, ids exact",
  shippedHardWrong: "shipped: hard, wrong refusals",
  shippedHardRefused: "shipped: hard absent, refused",
  shippedRandomExact: "shipped: random, ids exact",
  shippedRandomWrong: "shipped: random, wrong refusals",
  shippedRandomRefused: "shipped: random absent, refused",
} satisfies Partial<Record<keyof Figures, string>>;

function printCurve(observations: readonly Observation[], language: Language, half: Half): void {
  const among = (setting: string) =>
    observations.filter((o) => o.language === language && o.question.half === half && o.setting === setting);
  console.log(`-- ${language} ${half}: wrong refusals -> threshold, refused when absent`);
  for (const wrong of [0, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.125, 0.15, 0.2, 0.3]) {
    const cells = ["hard", "random"].map((setting) => {
      const threshold = thresholdRefusing(among(setting), wrong);
      const refused = share(among(`${setting}Absent`), (o) => o.top < threshold);
      return `${setting} ${threshold.toFixed(3)} ->${percent(refused)}`;
    });
    console.log(`${percent(wrong)}   ${cells.join("    ")}`);
  }
}

function printReliability(observations: readonly Observation[], language: Language): void {
  const report = observations.filter((o) => o.language === language && o.question.half === "report");
  console.log(`-- ${language} report: probability of relevance, said and found, over all settings`);
  for (const { from, to, count, said, found } of reliability(report))
    console.log(
      `${from.toFixed(1)}-${to.toFixed(1)}  n ${String(count).padStart(5)}  said ${percent(said)}  found ${percent(found)}`,
    );
}

function printMore(language: Language): void {
  const two = twoQuestions(language, "report");
  console.log(
    `-- ${language} report: two questions in one, both paragraphs and four hard others (${two.count})`,
  );
  console.log(
    `both found ${percent(two.both)}  exactly both ${percent(two.exact)}  both gold answers shown ${percent(two.shown)}`,
  );
  console.log(`-- ${language} report: citations`);
  for (const f of citationFigures(language, "report")) {
    const gold = f.supported
      ? `  gold sentence among them ${percent(f.goldCited)}, and of all sources ${percent(f.goldAmongSources)}`
      : "";
    const wanted = f.supported ? "supported" : "not supported";
    console.log(`${f.kind.padEnd(14)} (${wanted}, ${f.count}): given sources ${percent(f.cited)}${gold}`);
  }
}

function printSpeed(): void {
  for (const language of LANGUAGES) {
    const { paragraphs, questions } = loadXquad(language);
    const text = paragraphs.join("\n\n");
    const documents = [...Array(6).keys()].map((docId) => ({
      docId,
      title: null,
      content: text.slice(docId * 4000, (docId + 1) * 4000),
    }));
    const asked = questions.slice(0, 100).map(({ question }) => {
      const start = performance.now();
      const { answer } = quoteAnswer(question, documents);
      const middle = performance.now();
      citeAnswer(answer, documents);
      return [middle - start, performance.now() - middle] as const;
    });
    const median = (k: 0 | 1) =>
      asked
        .map((times) => times[k])
        .sort((a, b) => a - b)[50]!
        .toFixed(1);
    console.log(
      `${language}: 6 documents of 4,000 characters: quotes ${median(0)} ms, citations ${median(1)} ms (median)`,
    );
  }
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1).padStart(5)} %`;
}
