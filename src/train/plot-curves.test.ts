/** The curves of a run as a picture. */
import { expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { plotCurves } from "./plot-curves.ts";

const line = (row: object) => `${JSON.stringify(row)}\n`;
const run = Array.from({ length: 2000 }, (_, i) =>
  line({
    step: i + 1,
    loss: 5 * 0.999 ** i,
    answer_loss: 4 * 0.999 ** i,
    learning_rate: 1e-4,
    ...(i % 500 === 499 ? { eval_loss: 2 } : {}),
  }),
).join("");

/** What the path of a curve visits. */
function points(svg: string, name: string): [number, number][] {
  const path = new RegExp(`d="([^"]*)"><title>${name}</title>`).exec(svg)![1]!;
  return path
    .slice(1)
    .split("L")
    .map((point) => point.split(" ").map(Number) as [number, number]);
}

test("draws losses and the learning rate inside the picture, from left to right", () => {
  const svg = plotCurves(run, "runs/<a> & b");
  expect(svg).toContain("runs/&lt;a&gt; &amp; b");
  expect(svg).toContain("prefers-color-scheme:dark");
  expect(svg).not.toMatch(/NaN|Infinity|undefined|href|script/);
  for (const name of ["loss", "answer_loss", "eval_loss", "learning_rate"]) {
    const curve = points(svg, name);
    expect(curve.every(([x, y]) => x >= 64 && x <= 840 && y >= 56 && y <= 494)).toBe(true);
    expect(curve.every(([x], i) => i === 0 || x >= curve[i - 1]![0])).toBe(true);
  }
  const loss = points(svg, "loss");
  expect(loss.length).toBeLessThan(1700);
  expect(loss.at(-1)![0]).toBe(840);
  // A falling loss goes down: y grows.
  expect(loss.at(-1)![1]).toBeGreaterThan(loss[0]![1]);
  expect(svg.length).toBeLessThan(100_000);
});

test("what an interrupted run left is drawn: steps twice, an unfinished line, one step only", () => {
  const twice = line({ step: 1, loss: 9 }) + line({ step: 2, loss: 9 }) + line({ step: 2, loss: 3 });
  const svg = plotCurves(`${twice}{"step": 3, "lo`, "run");
  expect(points(svg, "loss")).toHaveLength(2);
  expect(svg).toContain(">loss 3<");
  expect(plotCurves(line({ step: 7, loss: 0 }), "run")).not.toMatch(/NaN|Infinity/);
});

test("nothing to draw, or something else, is an error", () => {
  expect(() => plotCurves("", "run")).toThrow(InputError);
  expect(() => plotCurves(`{"a":1}\n${line({ step: 1 })}`, "run")).toThrow("line 1");
});
