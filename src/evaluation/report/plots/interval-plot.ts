/**
 * A point with its intervals for each of many names, one below the other: the wide line is one interval, the strong one
 * another. Figures are written without decimals.
 */
import type { Interval } from "../../estimate.ts";
import { figure, range } from "../page/figures.ts";
import { type Html, html } from "../page/html.ts";
import { shorten } from "../page/shorten.ts";
import { axis, gridX } from "./axis.ts";
import { picture } from "./picture.ts";

export interface IntervalPlot {
  id: string;
  caption: Html;
  rows: readonly { name: string; value: number; wide: Interval; strong?: Interval }[];
  /** An upright line to compare with. */
  reference: number;
}

const WIDTH = 760;
const LEFT = 220;
const RIGHT = 56;
const TOP = 8;
const ROW = 22;

export function intervalPlot({ id, caption, rows, reference }: IntervalPlot): Html {
  const bottom = TOP + rows.length * ROW + 4;
  const x = axis(
    [
      reference,
      ...rows.flatMap(({ wide, strong, value }) => [value, wide.low, wide.high, strong?.low ?? value]),
    ],
    LEFT,
    WIDTH - RIGHT - 8,
  );
  const content = html`${gridX(x, TOP, bottom)}<path class="reference" d="M${x.at(reference)} ${TOP}V${bottom}"/>${rows.map(
    ({ name, value, wide, strong }, i) => {
      const y = TOP + ROW * (i + 0.5) + 2;
      return html`<g><title>${name}: ${figure(value, 0)}, ${range(wide, 0)}${strong && html`, ${range(strong, 0)}`}</title>
<text x="${LEFT - 12}" y="${y + 4}" text-anchor="end">${shorten(name, 30)}</text>
<path class="wide" d="M${x.at(wide.low)} ${y}H${x.at(wide.high)}M${x.at(wide.low)} ${y - 4}v8M${x.at(wide.high)} ${y - 4}v8"/>${
        strong && html`<path class="strong" d="M${x.at(strong.low)} ${y}H${x.at(strong.high)}"/>`
      }<circle class="point" cx="${x.at(value)}" cy="${y}" r="3.4"/>
<text class="value" x="${WIDTH - 4}" y="${y + 4}" text-anchor="end">${figure(value, 0)}</text></g>
`;
    },
  )}`;
  return picture({ id, caption, width: WIDTH, height: bottom + 22, content });
}
