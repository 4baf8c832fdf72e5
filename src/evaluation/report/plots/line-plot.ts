/** Lines with intervals over whole numbers, one for each series; series differ in colour and in the shape of their points. */
import type { Interval } from "../../estimate.ts";
import { figure, range } from "../page/figures.ts";
import { type Html, html } from "../page/html.ts";
import { sayAs } from "../page/say.ts";
import type { TextKey } from "../page/texts.ts";
import { axis, gridX, gridY, tenth } from "./axis.ts";
import { picture } from "./picture.ts";

export interface Series {
  name: string;
  points: readonly { x: number; value: number; interval: Interval }[];
}

export interface LinePlot {
  id: string;
  caption: Html;
  series: readonly Series[];
  xName: TextKey;
  /** What the vertical axis must hold. */
  bounds: readonly number[];
  decimals: number;
}

const WIDTH = 370;
const HEIGHT = 230;
const [LEFT, RIGHT, TOP, BOTTOM] = [40, 14, 10, HEIGHT - 40];

export function linePlot({ id, caption, series, xName, bounds, decimals }: LinePlot): Html {
  const all = series.flatMap(({ points }) => points);
  const xs = [...new Set(all.map(({ x }) => x))].sort((a, b) => a - b);
  const x = { ...axis(xs, LEFT + 12, WIDTH - RIGHT - 12), ticks: xs };
  const y = axis(
    [...bounds, ...all.flatMap(({ interval }) => [interval.low, interval.high])],
    BOTTOM,
    TOP,
    5,
  );
  const content = html`${gridX(x, TOP, BOTTOM)}${gridY(y, LEFT, WIDTH - RIGHT)}
<text class="tick" x="${WIDTH - RIGHT}" y="${HEIGHT - 8}" text-anchor="end">${sayAs("tspan", xName)}</text>
${series.map(({ name, points }, i) => {
  // Beside one another, so that intervals can be told apart.
  const shift = (i - (series.length - 1) / 2) * Math.min(5, 24 / series.length);
  const at = points.map((p) => ({ ...p, px: tenth(x.at(p.x) + shift), py: y.at(p.value) }));
  return html`<g class="series s${seriesStyle(i)}"><path class="line" d="${at.map(({ px, py }, j) => `${j === 0 ? "M" : "L"}${px} ${py}`).join("")}"/>${at.map(
    ({ x, value, interval, px, py }) =>
      html`<g><title>${name}, ${x}: ${figure(value, decimals)}, ${range(interval, decimals)}</title><path class="whisker" d="M${px} ${y.at(interval.low)}V${y.at(interval.high)}"/>${marker(i, px, py)}</g>`,
  )}</g>
`;
})}`;
  return picture({ id, caption, width: WIDTH, height: HEIGHT, content });
}

/** What stands for which series. */
export function legend(names: readonly string[]): Html {
  return html`<ul class="legend">${names.map(
    (name, i) =>
      html`<li><svg viewBox="0 0 24 12" width="24" height="12" aria-hidden="true"><g class="series s${seriesStyle(i)}"><path class="line" d="M0 6H24"/>${marker(i, 12, 6)}</g></svg> <bdi>${name}</bdi></li>`,
  )}</ul>
`;
}

/** There are as many colours in the style of the page. */
const seriesStyle = (i: number): number => i % 6;

function marker(i: number, x: number, y: number): Html {
  const shapes = [
    `M${x - 3.5} ${y}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0`,
    `M${tenth(x - 3)} ${tenth(y - 3)}h6v6h-6z`,
    `M${x} ${tenth(y - 4)}l4 7h-8z`,
    `M${x} ${tenth(y - 4.4)}l4.4 4.4l-4.4 4.4l-4.4 -4.4z`,
    `M${x} ${tenth(y + 4)}l4 -7h-8z`,
  ];
  return html`<path class="marker" d="${shapes[i % shapes.length]}"/>`;
}
