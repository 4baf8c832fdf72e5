/**
 * The rows of metrics.jsonl -> curves.svg: losses above, the learning rate below, over steps. One file without
 * scripts or fonts from elsewhere, which follows the viewer's light or dark theme.
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { escapeXml } from "../util/svg/escape-xml.ts";
import { niceTicks } from "../util/svg/nice-ticks.ts";

const row = z.looseObject({ step: z.int().nonnegative() });

interface Curve {
  name: string;
  points: readonly [x: number, y: number][];
}

interface Panel {
  title: string;
  curves: Curve[];
  top: number;
  height: number;
}

const WIDTH = 860;
const LEFT = 64;
const RIGHT = 20;
const INNER = WIDTH - LEFT - RIGHT;
/** More points than pixels only blur. */
const MAX_POINTS = 2 * INNER;
const LOSSES = ["loss", "answer_loss", "eval_loss", "eval_answer_loss", "auxiliary_loss"];
/** Distinguishable in both themes and by the colour-blind (Okabe and Ito 2008). */
const COLORS = ["#0072b2", "#e69f00", "#d55e00", "#cc79a7", "#009e73"];

/** `text` is the file's; a last line that was cut is passed over. Where a step stands twice, the later one counts. */
export function plotCurves(text: string, title: string): string {
  const rows = parseRows(text);
  const curves = (names: readonly string[]): Curve[] =>
    names.map((name) => ({ name, points: pointsOf(rows, name) })).filter(({ points }) => points.length > 0);
  const panels: Panel[] = [
    { title: "loss", curves: curves(LOSSES), top: 56, height: 300 },
    { title: "learning rate", curves: curves(["learning_rate"]), top: 404, height: 90 },
  ];
  const steps = [...rows.keys()];
  const [firstStep, lastStep] = [steps[0]!, steps.at(-1)!];
  const height = 540;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escapeXml(title)}">`,
    `<style>${STYLE}</style>`,
    `<rect class="paper" width="${WIDTH}" height="${height}"/>`,
    `<text class="title" x="${LEFT}" y="26">${escapeXml(title)}</text>`,
    ...panels.flatMap((panel, i) => drawPanel(panel, firstStep, lastStep, i === 0 ? 0 : 2)),
    `<text x="${LEFT + INNER / 2}" y="${height - 12}" text-anchor="middle">step</text>`,
    "</svg>",
    "",
  ].join("\n");
}

const STYLE = [
  "text{font:12px system-ui,sans-serif;fill:#333}.title{font-size:15px;font-weight:600}",
  ".paper{fill:#fff}.grid{stroke:#0002;fill:none}.curve{fill:none;stroke-width:1.6;stroke-linejoin:round}",
  "@media(prefers-color-scheme:dark){text{fill:#ddd}.paper{fill:#16181c}.grid{stroke:#fff2}}",
].join("");

function parseRows(text: string): Map<number, Record<string, unknown>> {
  const rows = new Map<number, Record<string, unknown>>();
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  for (const [i, line] of lines.entries())
    try {
      const parsed = row.parse(JSON.parse(line));
      rows.set(parsed.step, parsed);
    } catch (cause) {
      if (i < lines.length - 1)
        throw new InputError(`line ${i + 1} of the metrics is no row of a run`, { cause });
    }
  if (rows.size === 0) throw new InputError("there are no metrics to draw yet");
  return new Map([...rows].sort(([a], [b]) => a - b));
}

function pointsOf(rows: ReadonlyMap<number, Record<string, unknown>>, name: string): [number, number][] {
  const all = [...rows].flatMap(([step, values]): [number, number][] => {
    const y = values[name];
    return typeof y === "number" && Number.isFinite(y) ? [[step, y]] : [];
  });
  const stride = Math.ceil(all.length / MAX_POINTS);
  return all.filter((_, i) => i % stride === 0 || i === all.length - 1);
}

function drawPanel(panel: Panel, firstStep: number, lastStep: number, firstColor: number): string[] {
  const values = panel.curves.flatMap(({ points }) => points.map(([, y]) => y));
  if (values.length === 0) return [];
  const { low, high, ticks } = niceScale(values);
  const span = Math.max(1, lastStep - firstStep);
  const x = (step: number) => round(LEFT + ((step - firstStep) / span) * INNER);
  const y = (value: number) => round(panel.top + (1 - (value - low) / (high - low)) * panel.height);
  const steps = niceTicks(firstStep, firstStep + span, 8).filter(
    (step) => Number.isInteger(step) && step >= firstStep,
  );
  return [
    ...ticks.map(
      (tick) =>
        `<path class="grid" d="M${LEFT} ${y(tick)}h${INNER}"/><text x="${LEFT - 8}" y="${y(tick) + 4}" text-anchor="end">${label(tick)}</text>`,
    ),
    ...steps.map(
      (step) =>
        `<path class="grid" d="M${x(step)} ${panel.top}v${panel.height}"/><text x="${x(step)}" y="${panel.top + panel.height + 16}" text-anchor="middle">${step}</text>`,
    ),
    ...panel.curves.map((curve, i) => drawCurve(curve, COLORS[firstColor + i]!, x, y)),
    ...panel.curves.map(
      ({ name, points }, i) =>
        `<text x="${LEFT + 6 + i * 190}" y="${panel.top - 8}" style="fill:${COLORS[firstColor + i]}">${escapeXml(name)} ${label(points.at(-1)![1])}</text>`,
    ),
  ];
}

/** Few points, such as evaluations, are marked as well. */
function drawCurve(
  { name, points }: Curve,
  color: string,
  x: (step: number) => number,
  y: (v: number) => number,
): string {
  const path = points.map(([step, value], i) => `${i === 0 ? "M" : "L"}${x(step)} ${y(value)}`).join("");
  const marks =
    points.length <= 60
      ? points
          .map(([step, value]) => `<circle cx="${x(step)}" cy="${y(value)}" r="2.2" fill="${color}"/>`)
          .join("")
      : "";
  return `<path class="curve" stroke="${color}" d="${path}"><title>${escapeXml(name)}</title></path>${marks}`;
}

/** From zero, or the lowest value below it, to the first tick above all values. */
function niceScale(values: readonly number[]): { low: number; high: number; ticks: number[] } {
  // Not spread into arguments: there may be a million.
  const most = values.reduce((a, b) => Math.max(a, b), 1e-12);
  const ticks = niceTicks(
    values.reduce((a, b) => Math.min(a, b), 0),
    most,
    5,
  );
  const step = ticks[1]! - ticks[0]!;
  return { low: ticks[0]!, high: ticks.at(-1)! + (most > ticks.at(-1)! ? step : 0), ticks };
}

const round = (value: number) => Math.round(value * 10) / 10;

function label(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size < 0.01 || size >= 1e5)
    ? value.toExponential(1)
    : String(Number(value.toPrecision(4)));
}
