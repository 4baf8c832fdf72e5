/**
 * Reliability of probabilities: how often that was so which was given a probability (DeGroot and Fienberg 1983). On the
 * diagonal they can be taken at their word. Grey bars: how many probabilities fell into each bin.
 */
import type { CalibrationBin } from "../../rag/rag-report.ts";
import { figure, range } from "../page/figures.ts";
import { type Html, html } from "../page/html.ts";
import { sayAs } from "../page/say.ts";
import { axis, gridX, gridY, tenth } from "./axis.ts";
import { picture } from "./picture.ts";

const WIDTH = 300;
const HEIGHT = 320;
const [LEFT, RIGHT, TOP, BOTTOM] = [40, 12, 28, HEIGHT - 40];

export function reliabilityPlot(id: string, caption: Html, bins: readonly CalibrationBin[]): Html {
  const x = axis([0, 1], LEFT, WIDTH - RIGHT, 5);
  const y = axis([0, 1], BOTTOM, TOP, 5);
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const content = html`${bins.map(({ low, high, count }) => {
    const height = tenth((count / most) * 0.25 * (BOTTOM - TOP));
    return html`<rect class="bar" x="${x.at(low) + 1}" y="${tenth(BOTTOM - height)}" width="${tenth(Math.max(0, x.at(high) - x.at(low) - 2))}" height="${height}"/>`;
  })}${gridX(x, TOP, BOTTOM)}${gridY(y, LEFT, WIDTH - RIGHT)}<path class="reference" d="M${x.at(0)} ${y.at(0)}L${x.at(1)} ${y.at(1)}"/>
<text class="tick" x="${WIDTH - RIGHT}" y="${HEIGHT - 8}" text-anchor="end">${sayAs("tspan", "calibration.given")}</text><text class="tick" x="0" y="14">${sayAs("tspan", "calibration.relevant")}</text>
${bins.map(({ probability, relevant, count }) => {
  if (probability === undefined || !relevant) return null;
  const { value, interval } = relevant;
  return html`<g><title>${figure(probability, 2)}: ${figure(value, 2)}, ${range(interval, 2)}, n = ${count}</title><path class="wide" d="M${x.at(probability)} ${y.at(interval.low)}V${y.at(interval.high)}"/><circle class="point" cx="${x.at(probability)}" cy="${y.at(value)}" r="3.6"/></g>`;
})}`;
  return picture({ id, caption, width: WIDTH, height: HEIGHT, content });
}
