/**
 * Ratings beside what others computed from the same data: Ru-Arena-General's own bootstrap of 23,340 battles, evalica's
 * ratings with and without length control, its golden values for small graphs, token counts of stored answers.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { averageTokens, indexAnswers } from "../../src/evaluation/arena/answers.ts";
import { makeArenaReport } from "../../src/evaluation/arena/make-arena-report.ts";
import { makeBattles } from "../../src/evaluation/arena/make-battles.ts";
import type { AnswerRow, Battle, JudgmentRow, QuestionId } from "../../src/evaluation/arena/rows.ts";
import { loadTokenCounter } from "../../src/evaluation/count-tokens.ts";
import { percentile } from "../../src/evaluation/percentile.ts";
import { boundedRatings, bradleyTerry } from "../../src/evaluation/ratings/bradley-terry.ts";
import { elo } from "../../src/evaluation/ratings/elo.ts";
import { lengthControlWeights } from "../../src/evaluation/ratings/length-control.ts";
import { round } from "../../src/evaluation/ratings/published-score.ts";
import { winRateOf } from "../../src/evaluation/ratings/rating-scale.ts";
import { bootstrapRatings, publishedRows } from "../../src/evaluation/ratings/resample.ts";
import { cellSums, makeTally, type Tally, winsOf } from "../../src/evaluation/ratings/tally.ts";

const DATA = join(import.meta.dirname, "../../../shared/data");
const available = existsSync(join(DATA, "arena")) && existsSync(join(DATA, "ratings"));
if (!available) console.log("arena ratings: skipped, ../shared/data/arena and ratings are not there");

const BASELINE = "gpt-3.5-turbo-0125";
const read = (name: string) => readFileSync(join(DATA, name), "utf8");
const readLines = <T>(name: string) =>
  read(name)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
const readCsv = (name: string) =>
  read(name)
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(","));

const ratingsOf = (tally: Tally) => boundedRatings(winsOf(tally, cellSums(tally)), tally.models.length);
const judgmentRows = () =>
  readLines<Omit<JudgmentRow, "baseline">>("arena/judgments.jsonl").map((row) => ({
    ...row,
    baseline: BASELINE,
  }));

/** Tokens of every stored answer. */
function storedLengths() {
  const { question_id, token_len } = JSON.parse(read("arena/token-len.json")) as {
    question_id: QuestionId[];
    token_len: Record<string, number[]>;
  };
  return new Map(
    Object.entries(token_len).map(([model, tokens]) => [
      model,
      new Map(tokens.map((n, i) => [question_id[i]!, n])),
    ]),
  );
}

describe.runIf(available)("Ru-Arena-General", () => {
  test("every value of 100 rounds over 23,340 battles of 42 models", () => {
    const battles = readLines<Battle>("arena/battles.jsonl");
    expect(battles).toHaveLength(23_340);
    const tally = makeTally(battles, BASELINE);
    const rounds = readLines<Record<string, number>>("arena/bootstrap.jsonl");
    const ours = bootstrapRatings(tally, publishedRows(tally), 100);
    expect(rounds).toHaveLength(100);
    let worst = 0;
    for (const [i, published] of rounds.entries()) {
      expect(Object.keys(published).sort()).toEqual(tally.models.toSorted());
      for (const [m, model] of tally.models.entries())
        worst = Math.max(worst, Math.abs(ours[m]![i]! - published[model]!));
    }
    expect(worst).toBeLessThan(1e-9);
  });

  // That judge wrote "A<B" in 16,761 of 38,000 games, which is no label; so these figures say nothing about quality.
  test("judgments give its battles: 21,239, row by row", () => {
    const battles = makeBattles(judgmentRows());
    expect(battles).toHaveLength(21_239);
    const published = readLines<Battle & { answer_len_delta?: number }>("arena/battles.jsonl");
    const rowsOf = (rows: readonly Battle[], model: string) =>
      rows
        .filter(({ model_b }) => model_b === model)
        .map((row) => [row.question_id, row.model_a, row.winner]);
    const models = [...new Set(battles.map(({ model_b }) => model_b))];
    expect(models).toHaveLength(38);
    for (const model of models) expect(rowsOf(battles, model)).toEqual(rowsOf(published, model));
  });

  test.each(["plain", "length_control"])("evalica's ratings and percentiles of 20 rounds: %s", (kind) => {
    type Expected = Record<string, Record<"rating" | "winrate" | "boot20_p2.5" | "boot20_p97.5", number>>;
    const expected = (JSON.parse(read("arena/expected.json")) as { results: Record<string, Expected> })
      .results[kind]!;
    const lengths = storedLengths();
    // Models without stored answers are left out there.
    const battles = makeBattles(judgmentRows().filter(({ model }) => lengths.has(model)));
    const weights = kind === "plain" ? undefined : lengthControlWeights(battles, lengths)!;
    const tally = makeTally(battles, BASELINE, weights);
    const ratings = ratingsOf(tally);
    const rounds = bootstrapRatings(tally, publishedRows(tally), 20);
    expect(tally.models.toSorted()).toEqual(Object.keys(expected).sort());
    for (const [m, model] of tally.models.entries()) {
      const figures = expected[model]!;
      const sorted = rounds[m]!.toSorted();
      expect(Math.abs(ratings[m]! - figures.rating)).toBeLessThan(1e-9);
      expect(round(winRateOf(ratings[m]!), 2)).toBe(figures.winrate);
      expect(Math.abs(percentile(sorted, 2.5) - figures["boot20_p2.5"])).toBeLessThan(1e-9);
      expect(Math.abs(percentile(sorted, 97.5) - figures["boot20_p97.5"])).toBeLessThan(1e-9);
    }
  });

  test.each([
    ["answers-vikhr-llama3.1-8b.jsonl", 618],
    ["answers-gpt-3.5-turbo-0125.jsonl", 220],
  ])("average tokens of %s: %d, counted anew, each answer as stored", async (name, average) => {
    const count = await loadTokenCounter();
    const rows = readLines<AnswerRow>(`arena/${name}`);
    for (const { choices } of rows)
      expect(count(choices[0]!.turns[0]!.content)).toBe(choices[0]!.turns[0]!.token_len);
    const uncounted = rows.map((row) => ({
      ...row,
      choices: row.choices.map((choice) => ({
        ...choice,
        turns: choice.turns.map(({ content }) => ({ content })),
      })),
    }));
    const answers = await indexAnswers(uncounted);
    expect(averageTokens([...answers.values()][0])).toBe(average);
  });

  test("medians of the upstream bootstrap are the scores of the card, to 0.31 points", () => {
    type Table = { model: string; score: number }[];
    const rounds = readLines<Record<string, number>>("arena/bootstrap-2024-10.jsonl");
    const card = (JSON.parse(read("arena/published.json")) as Record<string, { plain: Table }>)["2024-10-27"]!
      .plain;
    const known = card.filter(({ model }) => rounds[0]![model] !== undefined);
    expect(known).toHaveLength(35);
    for (const { model, score } of known) {
      const sorted = rounds.map((round) => round[model]!).sort((a, b) => a - b);
      expect(Math.abs(winRateOf(percentile(sorted, 50)) - score)).toBeLessThan(0.315);
    }
  });

  // Of most questions one game alone has a score here: nothing goes together, and both intervals must say the same.
  test("a report of it", async () => {
    const report = await makeArenaReport({
      judgments: judgmentRows(),
      manifest: { command: "", created: "", version: "", data: {}, texts: {}, settings: {} },
      rowRounds: 1000,
      questionRounds: 1000,
    });
    expect(report.leaderboard).toHaveLength(39);
    expect(report.judgeHealth.all).toMatchObject({
      games: 38_000,
      scored: 21_239,
      failures: { "unknown-label": 16_761 },
    });
    for (const { model, ratingIntervals } of report.leaderboard) {
      if (model === BASELINE) continue;
      const { byRow, byQuestion } = ratingIntervals;
      const ratio = (byQuestion.high - byQuestion.low) / (byRow.high - byRow.low);
      expect(ratio).toBeGreaterThan(0.85);
      expect(ratio).toBeLessThan(1.2);
    }
  });
});

describe.runIf(available).each(["simple", "food"])("evalica's golden values: %s", (name) => {
  const golden = (algorithm: string) =>
    new Map(
      readCsv(`ratings/${name}-golden.csv`)
        .filter(([a]) => a === algorithm)
        .map(([, item, score]) => [item!, Number(score)]),
    );
  const battles = (): Battle[] =>
    readCsv(`ratings/${name}.csv`).map(([left, right, winner]) => ({
      question_id: 1,
      model_a: left!,
      model_b: right!,
      winner: winner === "left" ? "model_a" : winner === "right" ? "model_b" : "tie",
    }));

  test("Bradley and Terry, strengths that add up to 1", () => {
    const tally = makeTally(battles(), battles()[0]!.model_a);
    const strengths = bradleyTerry(winsOf(tally, cellSums(tally)), tally.models.length).map((s) =>
      Math.exp(s!),
    );
    const sum = strengths.reduce((total, strength) => total + strength, 0);
    expect(tally.models.toSorted()).toEqual([...golden("bradley_terry").keys()].sort());
    for (const [model, score] of golden("bradley_terry"))
      expect(Math.abs(strengths[tally.models.indexOf(model)]! / sum - score)).toBeLessThan(1e-12);
  });

  test("Elo", () => {
    const ratings = elo(battles());
    for (const [model, score] of golden("elo"))
      expect(Math.abs(ratings.get(model)! - score)).toBeLessThan(1e-12);
  });
});
