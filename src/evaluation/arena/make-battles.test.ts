import fc from "fast-check";
import { expect, test } from "vitest";
import { judgeHealth } from "./judge-health.ts";
import { makeBattles } from "./make-battles.ts";
import { outcomeOf } from "./outcome-of.ts";
import type { GameRow, JudgmentRow } from "./rows.ts";

const LABELS = ["A>>B", "A>B", "A=B", "B>A", "B>>A"];
const OTHER = ["B>>A", "B>A", "A=B", "A>B", "A>>B"];

function judgment(...scores: (string | null)[]): JudgmentRow {
  const games: GameRow[] = scores.map((score) => ({ score }));
  return { question_id: 1, model: "m", baseline: "b", judge: "j", games };
}

test("one row for >, three for >>, a tie for =, none for anything else; the second game is swapped", () => {
  const winners = (...scores: (string | null)[]) =>
    makeBattles([judgment(...scores)]).map(({ winner }) => winner);
  expect(winners("A>B")).toEqual(["model_a"]);
  expect(winners("B>A")).toEqual(["model_b"]);
  expect(winners("A>>B")).toEqual(["model_a", "model_a", "model_a"]);
  expect(winners("A=B", "A=B")).toEqual(["tie", "tie"]);
  expect(winners("B>>A", "A>B")).toEqual(["model_b", "model_b", "model_b", "model_b"]);
  expect(winners("A>>B", "B>A")).toEqual(["model_a", "model_a", "model_a", "model_a"]);
  expect(winners("A<B", null)).toEqual([]);
  for (const label of ["A<B", "", "a>b", "A>B ", "A=A", "constructor", "__proto__"])
    expect(outcomeOf(label, 0)).toBeUndefined();
});

test("exchanging the places and the letters changes nothing", () => {
  for (const [i, label] of LABELS.entries()) expect(outcomeOf(OTHER[i]!, 1)).toEqual(outcomeOf(label, 0));
});

test("battles name the baseline first, in the order of the judgments", () => {
  const second = { ...judgment("A=B"), question_id: "two", model: "n" };
  expect(makeBattles([judgment("B>A"), second])).toEqual([
    { question_id: 1, model_a: "b", model_b: "m", winner: "model_b" },
    { question_id: "two", model_a: "b", model_b: "n", winner: "tie" },
  ]);
});

test("a judge that always names the place is found out; one that names the answer is consistent", () => {
  const placed = judgeHealth([judgment("A>B", "A>>B"), judgment("A>B", "A>B")]);
  expect(placed).toMatchObject({ games: 4, scored: 4, consistency: 0, firstWins: 100, ties: 0 });
  const fair = judgeHealth([judgment("A>B", "B>>A"), judgment("B>A", "A>B"), judgment("A=B", "A=B")]);
  expect(fair).toMatchObject({ games: 6, scored: 6, consistency: 100, firstWins: 50 });
  expect(fair.ties).toBeCloseTo(100 / 3, 12);
});

test("failures are counted by name; nothing is made of nothing", () => {
  const rows = [
    judgment(null, "A<B"),
    { ...judgment("A>B"), games: [{ score: null, failure: "http-429" as const }, { score: "A>B" }] },
  ];
  expect(judgeHealth(rows)).toEqual({
    games: 4,
    scored: 1,
    consistency: null,
    firstWins: 100,
    ties: 0,
    failures: { "no-label": 1, "unknown-label": 1, "http-429": 1 },
  });
  expect(judgeHealth([])).toEqual({
    games: 0,
    scored: 0,
    failures: {},
    consistency: null,
    firstWins: null,
    ties: null,
  });
});

test("games = scored + failures, whatever the labels are", () => {
  const score = fc.oneof(fc.constantFrom(...LABELS, null), fc.string());
  fc.assert(
    fc.property(fc.array(fc.array(score, { minLength: 2, maxLength: 2 })), (all) => {
      const { games, scored, failures } = judgeHealth(all.map((scores) => judgment(...scores)));
      expect(games).toBe(scored + Object.values(failures).reduce((sum, n) => sum + n, 0));
    }),
  );
});

test("a judgment in the wrong language is noted, and its score counts", () => {
  const games = [{ score: "A>B", failure: "wrong-language" as const }, { score: "B>A" }];
  expect(judgeHealth([{ ...judgment(), games }])).toMatchObject({
    games: 2,
    scored: 2,
    failures: { "wrong-language": 1 },
    consistency: 100,
  });
});
