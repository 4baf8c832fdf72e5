/** Plots stay inside their pictures, and say what they show. */
import { Parser } from "htmlparser2";
import { expect, test } from "vitest";
import { exampleArena } from "../../../../test/e2e/eval-report/example-arena.ts";
import { exampleRag } from "../../../../test/e2e/eval-report/example-rag.ts";
import { lengthAgainstWinRate, ratingPlot, winRateMatrix } from "../arena/arena-plots.ts";
import type { Html } from "../page/html.ts";
import { html } from "../page/html.ts";
import { axis } from "./axis.ts";
import { linePlot } from "./line-plot.ts";
import { reliabilityPlot } from "./reliability-plot.ts";

interface Drawn {
  size: [width: number, height: number];
  places: [x: number, y: number][];
  texts: { x: number; y: number; text: string; kind: string }[];
}

/** Where circles, rectangles, words and upright or level lines are. */
function drawn({ markup }: Html): Drawn {
  const found: Drawn = { size: [0, 0], places: [], texts: [] };
  let isText = false;
  const parser = new Parser(
    {
      onopentag(name, a) {
        isText = name === "text" || (isText && name === "tspan");
        if (name === "svg") found.size = [Number(a.width), Number(a.height)];
        if (name === "circle") found.places.push([Number(a.cx), Number(a.cy)]);
        if (name === "rect") {
          found.places.push([Number(a.x), Number(a.y)]);
          found.places.push([Number(a.x) + Number(a.width), Number(a.y) + Number(a.height)]);
        }
        if (name === "path" && a.class !== "marker")
          for (const [, x, y] of a.d!.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g))
            found.places.push([Number(x), Number(y)]);
        if (name === "text")
          found.texts.push({ x: Number(a.x), y: Number(a.y), text: "", kind: a.class ?? "" });
      },
      ontext(text) {
        if (isText) found.texts.at(-1)!.text += text;
      },
      onclosetag(name) {
        if (name === "text") isText = false;
      },
    },
    { xmlMode: true },
  );
  parser.end(markup);
  return found;
}

const many = exampleArena({ models: 40, questions: 2 });
const rag = exampleRag({ questions: 2 });
const noise = rag.noise
  .slice(0, 6)
  .map(({ distractors, metrics }) => ({ x: distractors, ...metrics.id_recall! }));

test.each<[string, Html]>([
  ["ratings", ratingPlot("a", many)],
  ["matrix", winRateMatrix("a", many)],
  ["length", lengthAgainstWinRate("a", many)!],
  ["reliability", reliabilityPlot("a", html`x`, rag.calibration[0]!.bins)],
  [
    "noise",
    linePlot({
      id: "a",
      caption: html`x`,
      series: [{ name: "m", points: noise }],
      xName: "noise.axis",
      bounds: [0, 100],
      decimals: 1,
    }),
  ],
])("%s: everything is inside of the picture", (_, plot) => {
  const { size, places, texts } = drawn(plot);
  expect(places.length).toBeGreaterThan(10);
  for (const [x, y] of [...places, ...texts.map(({ x, y }) => [x, y] as const)]) {
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x).toBeLessThanOrEqual(size[0]);
    expect(y).toBeGreaterThanOrEqual(0);
    expect(y).toBeLessThanOrEqual(size[1]);
  }
  expect(plot.markup).not.toMatch(/NaN|Infinity|undefined/);
});

test("names beside points do not cover one another", () => {
  const names = drawn(lengthAgainstWinRate("a", many)!).texts.filter(({ kind }) => kind === "name");
  expect(names.length).toBeGreaterThan(10);
  for (const [i, a] of names.entries())
    for (const b of names.slice(i + 1)) {
      const isBeside = a.x + a.text.length * 6 <= b.x || b.x + b.text.length * 6 <= a.x;
      expect(isBeside || Math.abs(a.y - b.y) >= 12).toBe(true);
    }
});

test("a matrix has a number for every pair that met; where all play against one, it is a column", () => {
  const { models, rates } = many.winRates;
  const cells = drawn(winRateMatrix("a", many)).texts.filter(({ kind }) => kind === "cell");
  expect(cells).toHaveLength(models.length * (models.length - 1));
  const hub = models.indexOf(many.baseline);
  const star = rates.map((row, i) => row.map((rate, j) => (i === hub || j === hub ? rate : null)));
  const column = drawn(winRateMatrix("a", { ...many, winRates: { models, rates: star } }));
  expect(column.texts.filter(({ kind }) => kind === "cell")).toHaveLength(models.length - 1);
  expect(column.size[0]).toBeLessThan(400);
});

test("an axis of one value, or of none, is an axis", () => {
  for (const values of [[], [5], [5, 5], [Number.NaN]]) {
    const { ticks, at } = axis(values, 0, 100);
    expect(ticks.length).toBeGreaterThan(0);
    expect(at(ticks[0]!)).toBeGreaterThanOrEqual(0);
    expect(at(5)).not.toBeNaN();
  }
});
