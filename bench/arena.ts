/**
 * npm run bench -- arena
 *
 * What intervals of an arena cost in processor time: the published bootstrap over Ru-Arena-General's battles, and more
 * rounds than anybody publishes. The first run is the one that a command has, before anything is compiled: bars are on it.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Battle } from "../src/evaluation/arena/rows.ts";
import {
  bootstrapRatings,
  drawnQuestions,
  drawnRows,
  publishedRows,
} from "../src/evaluation/ratings/resample.ts";
import { makeTally } from "../src/evaluation/ratings/tally.ts";
import { median } from "./statistics.ts";

const BATTLES = join(import.meta.dirname, "../../shared/data/arena/battles.jsonl");
const RUNS = 5;

interface Figure {
  what: string;
  firstMs: number;
  medianMs: number;
  barMs?: number;
}

export function main(args: string[]): void {
  const { values } = parseArgs({ args, options: { json: { type: "boolean", default: false } } });
  const isReal = existsSync(BATTLES);
  const published = isReal ? readBattles() : makeBattles(23_340, 43, { isStar: true });
  const star = makeTally(makeBattles(50_000, 45, { isStar: true }), "model 0");
  const graph = makeTally(makeBattles(50_000, 45, { isStar: false }), "model 0");
  const tally = makeTally(published, published[0]!.model_a);
  const figures = [
    measure("published rows, 100 rounds", () => bootstrapRatings(tally, publishedRows(tally), 100), 150),
    measure(
      "50k battles, 45 models: rows by counts, 10,000",
      () => bootstrapRatings(star, drawnRows(star, 1), 10_000),
      500,
    ),
    measure("the same by question, 10,000", () => bootstrapRatings(star, drawnQuestions(star, 1), 10_000)),
    measure("the same, every model against every other, 100", () =>
      bootstrapRatings(graph, publishedRows(graph), 100),
    ),
  ];
  if (values.json) console.log(JSON.stringify(figures));
  else print(figures, published.length, isReal);
  if (figures.some(isMissed)) process.exitCode = 1;
}

const isMissed = ({ firstMs, barMs }: Figure) => barMs !== undefined && !(firstMs <= barMs);

function measure(what: string, run: () => void, barMs?: number): Figure {
  const times = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return { what, firstMs: times[0]!, medianMs: median(times), ...(barMs === undefined ? {} : { barMs }) };
}

function print(figures: readonly Figure[], battles: number, isReal: boolean): void {
  console.log(
    `${battles} published battles ${isReal ? "of ../shared/data/arena" : "are made up: ../shared/data/arena is not there"}; CPU ms of all threads\n`,
  );
  row(["rounds of the bootstrap", "first", `median of ${RUNS}`, "bar"]);
  for (const figure of figures)
    row([
      figure.what,
      figure.firstMs.toFixed(0),
      figure.medianMs.toFixed(0),
      figure.barMs === undefined ? "" : `${figure.barMs}: ${isMissed(figure) ? "MISSED" : "met"}`,
    ]);
  console.log(
    "\nCarried over, not measured here: the Python path (evalica, pandas) took 14 to 17 s for 100 rounds over 50k battles.",
  );
}

function row([what, ...cells]: readonly string[]): void {
  console.log(what!.padEnd(50) + cells.map((cell) => cell.padStart(13)).join(""));
}

function readBattles(): Battle[] {
  return readFileSync(BATTLES, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Battle);
}

/** 500 questions, models of different strength, a tie in five. */
function makeBattles(count: number, models: number, { isStar }: { isStar: boolean }): Battle[] {
  const random = xoroshiro128plus(1);
  return Array.from({ length: count }, (_, i) => {
    const second = 1 + (i % (models - 1));
    const first = isStar ? 0 : uniformInt(random, 0, second - 1);
    const dice = uniformInt(random, 0, 99);
    const winner = dice < 20 ? "tie" : dice < 35 + second ? "model_b" : "model_a";
    return { question_id: i % 500, model_a: `model ${first}`, model_b: `model ${second}`, winner };
  });
}
