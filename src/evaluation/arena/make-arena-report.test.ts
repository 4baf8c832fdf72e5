import { describe, expect, test } from "vitest";
import { InputError } from "../../errors.ts";
import type { Manifest } from "../manifest.ts";
import { makeArenaReport } from "./make-arena-report.ts";
import type { AnswerRow, JudgmentRow, QuestionRow } from "./rows.ts";

const manifest: Manifest = {
  command: "vikhr eval arena report",
  created: "2026-01-01T00:00:00Z",
  version: "0",
  data: {},
  texts: {},
  settings: { judge: "j" },
};
const QUESTIONS = 60;
const fast = { manifest, questionRounds: 500, styleRounds: 20 };

const judgment = (model: string, question_id: number, ...scores: (string | null)[]): JudgmentRow => ({
  question_id,
  model,
  baseline: "base",
  judge: "j",
  games: scores.map((score) => ({ score })),
});

/** "good" wins four of six questions, "same" none and loses none, "poor" wins one of six. */
const judgments: JudgmentRow[] = Array.from({ length: QUESTIONS }, (_, i) => [
  judgment("good", i, ...(i % 6 < 4 ? ["B>A", "A>>B"] : ["A>B", "B>A"])),
  judgment("same", i, "A=B", i === 0 ? null : "A=B"),
  judgment("poor", i, ...(i % 6 === 5 ? ["B>A", "B>A"] : ["A>>B", "B>A"])),
]).flat();
const questions: QuestionRow[] = Array.from({ length: QUESTIONS }, (_, i) => ({
  question_id: i,
  cluster: i % 3,
  turns: [{ content: `question ${i}` }],
}));
const answers: AnswerRow[] = ["base", "good", "same", "poor"].flatMap((model_id, m) =>
  questions.map(({ question_id }, i) => ({
    question_id,
    model_id,
    answer_id: `${m}-${i}`,
    tstamp: 0,
    choices: [
      {
        index: 0,
        turns: [
          {
            content: `${"- **x**\n".repeat((i * (m + 1)) % 4)}answer`,
            token_len: 100 + 10 * m + ((i * 7) % 13) * m,
          },
        ],
      },
    ],
  })),
);

describe("a report", async () => {
  const report = await makeArenaReport({ judgments, questions, answers, ...fast });
  const row = (model: string) => report.leaderboard.find((r) => r.model === model)!;

  test("the best first, with what each figure is made of", () => {
    expect(report.leaderboard.map(({ model }) => model)).toEqual(["good", "base", "same", "poor"]);
    // 40 questions of 1 + 3 won rows, 20 of 2 lost ones.
    expect(row("good").winRate).toBeCloseTo((100 * 160) / 200, 9);
    expect(row("good")).toMatchObject({ battles: 200, questions: 60, games: 120, unscored: 0 });
    expect(row("same")).toMatchObject({
      battles: 119,
      unscored: 1,
      winRate: 50,
      rank: { best: 2, worst: 3 },
    });
    expect(row("base")).toMatchObject({ rating: 1000, winRate: 50, elo: 1000, games: 360, unscored: 1 });
    expect(row("good").rank).toEqual({ best: 1, worst: 1 });
    expect(row("good").published).toMatchObject({ score: 80 });
    expect(row("poor").averageTokens).toBe(
      Math.floor(130 + (3 * Array.from({ length: 60 }, (_, i) => (i * 7) % 13).reduce((a, b) => a + b)) / 60),
    );
    expect(row("base").averageTokens).toBe(100);
  });

  test("intervals hold the figure; by question they are wider, since games go together", () => {
    for (const model of ["good", "poor"]) {
      const { rating, ratingIntervals, winRate, winRateIntervals } = row(model);
      for (const kind of ["byRow", "byQuestion"] as const) {
        expect(ratingIntervals[kind].low).toBeLessThan(rating);
        expect(ratingIntervals[kind].high).toBeGreaterThan(rating);
        expect(winRateIntervals[kind].low).toBeLessThan(winRate);
        expect(winRateIntervals[kind].high).toBeGreaterThan(winRate);
      }
      const width = ({ low, high }: { low: number; high: number }) => high - low;
      expect(width(ratingIntervals.byQuestion)).toBeGreaterThan(1.3 * width(ratingIntervals.byRow));
    }
  });

  test("length and style are paid for", () => {
    expect(row("good").lengthControlled!.winRate).toBeLessThan(row("good").winRate);
    expect(row("same").lengthControlled!.winRate).toBe(50);
    expect(report.style!.map(({ feature }) => feature)).toEqual(["length", "headers", "lists", "bold"]);
    for (const { styleControlled } of report.leaderboard)
      expect(Number.isFinite(styleControlled!.rating)).toBe(true);
  });

  test("pairs, topics, the matrix", () => {
    expect(report.comparisons.map(({ model, other }) => [model, other])).toEqual([
      ["good", "same"],
      ["good", "poor"],
      ["same", "poor"],
    ]);
    const [first] = report.comparisons;
    // 2/3 of the questions won and 1/3 lost, against ties.
    expect(first).toMatchObject({ questions: 60 });
    expect(first!.difference).toBeCloseTo(100 / 6, 9);
    for (const { p, adjustedP, interval, difference } of report.comparisons) {
      expect(adjustedP).toBeGreaterThanOrEqual(p);
      expect(interval.low).toBeLessThanOrEqual(difference);
      expect(interval.high).toBeGreaterThanOrEqual(difference);
    }
    expect(report.topics).toHaveLength(9);
    for (const topic of report.topics) {
      expect(topic.questions).toBe(20);
      expect(topic.interval.low).toBeLessThanOrEqual(topic.winRate);
      expect(topic.interval.high).toBeGreaterThanOrEqual(topic.winRate);
    }
    const { models, rates } = report.winRates;
    for (const [i, model] of models.entries())
      for (const [j, other] of models.entries()) {
        if (model !== "base" && other !== "base") expect(rates[i]![j]).toBeNull();
        else if (i !== j) expect(rates[i]![j]! + rates[j]![i]!).toBeCloseTo(100, 9);
      }
  });

  test("the judge and every verdict can be read", () => {
    expect(report.judgeHealth.all).toMatchObject({ games: 360, scored: 359, failures: { "no-label": 1 } });
    // Games of "poor" contradict each other on every sixth question.
    expect(report.judgeHealth.byModel.poor!.consistency).toBeCloseTo(500 / 6, 9);
    expect(report.verdicts.filter(({ isContradictory }) => isContradictory)).toHaveLength(10);
    expect(report.verdicts[2]).toMatchObject({
      questionId: 0,
      model: "poor",
      topic: "0",
      question: "question 0",
      answer: "answer",
      points: 0,
      games: [
        { first: "baseline", score: "A>>B" },
        { first: "model", score: "B>A" },
      ],
    });
  });

  test("is plain data, without a number that JSON does not know", () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test("its manifest says how it was drawn", () => {
    expect(report.manifest.settings).toEqual({
      judge: "j",
      baseline: "base",
      rowRounds: 100,
      questionRounds: 500,
      styleRounds: 20,
      seed: 1,
    });
  });

  test("does not depend on the order of judgments, but for Elo and the published draws", async () => {
    const again = await makeArenaReport({ judgments: judgments.toReversed(), questions, answers, ...fast });
    for (const { model, rating, winRate, lengthControlled, styleControlled } of again.leaderboard) {
      expect(rating).toBeCloseTo(row(model).rating, 9);
      expect(winRate).toBeCloseTo(row(model).winRate, 9);
      expect(lengthControlled!.rating).toBeCloseTo(row(model).lengthControlled!.rating, 9);
      expect(styleControlled!.rating).toBeCloseTo(row(model).styleControlled!.rating, 6);
    }
  });
});

describe("what is not known is not made up", () => {
  test("a model that lost nothing has a bound; one without a score has no rating", async () => {
    const report = await makeArenaReport({
      ...fast,
      judgments: [
        judgment("best", 1, "B>A", "A>B"),
        judgment("mute", 1, null, "A<B"),
        judgment("worst", 1, "A>B"),
      ],
    });
    expect(report.unrated).toEqual(["mute"]);
    expect(report.leaderboard.map(({ model, bound }) => [model, bound])).toEqual([
      ["best", "at least"],
      ["base", undefined],
      ["worst", "at most"],
    ]);
    expect(report.leaderboard[0]!.winRate).toBeCloseTo((100 * 2.5) / 3, 9);
    expect(report.leaderboard[0]).not.toHaveProperty("lengthControlled");
    expect(report.leaderboard[0]).not.toHaveProperty("averageTokens");
    expect(report.judgeHealth.byModel.mute).toMatchObject({ games: 2, scored: 0, consistency: null });
    expect(report.verdicts[1]).toMatchObject({ model: "mute", points: null });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test("no game has a score", async () => {
    const report = await makeArenaReport({ ...fast, judgments: [judgment("mute", 1, null, null)] });
    expect(report.leaderboard.map(({ model }) => model)).toEqual(["base"]);
    expect(report.unrated).toEqual(["mute"]);
  });

  test("several baselines make one graph; only those against the report's are compared by question", async () => {
    const other = Array.from({ length: 8 }, (_, i) => ({
      ...judgment("good", i, i < 6 ? "B>A" : "A>B"),
      baseline: "same",
    }));
    const report = await makeArenaReport({ ...fast, judgments: [...judgments, ...other] });
    const before = await makeArenaReport({ ...fast, judgments });
    const rating = (r: typeof report, model: string) =>
      r.leaderboard.find((row) => row.model === model)!.rating;
    // 6 of 8 against a model that equals the baseline is a little less than 80 %.
    expect(rating(report, "good")).toBeLessThan(rating(before, "good"));
    expect(rating(report, "good")).toBeGreaterThan(rating(before, "good") - 10);
    expect(report.comparisons).toEqual(before.comparisons);
  });

  test("nothing, a judgment twice, a model against itself, a baseline that nobody met: one line", async () => {
    const twice = [judgment("a", 1, "A>B"), judgment("a", 1, "B>A")];
    await expect(makeArenaReport({ ...fast, judgments: [] })).rejects.toThrow(InputError);
    await expect(makeArenaReport({ ...fast, judgments: twice })).rejects.toThrow(
      /two judgments of a against base on question 1/,
    );
    await expect(makeArenaReport({ ...fast, judgments: [judgment("base", 1, "A>B")] })).rejects.toThrow(
      /not its own rival/,
    );
    await expect(makeArenaReport({ ...fast, judgments, baseline: "gpt" })).rejects.toThrow(
      /no judgment is against gpt/,
    );
  });
});
