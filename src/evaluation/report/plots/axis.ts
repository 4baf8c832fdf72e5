/** Figures -> places in a picture, and the lines and labels that say which is where. */
import { niceTicks } from "../../../util/svg/nice-ticks.ts";
import { figure } from "../page/figures.ts";
import { type Html, html } from "../page/html.ts";

export interface Axis {
  ticks: readonly number[];
  /** Units of the picture, to a tenth. */
  at(value: number): number;
}

/** From `from` (the place of the lowest value) to `to`. A span of nothing is given some width. */
export function axis(values: readonly number[], from: number, to: number, about = 6): Axis {
  const known = values.filter(Number.isFinite);
  const least = known.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = known.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const [low, high] = known.length === 0 ? [0, 1] : least < most ? [least, most] : [least - 1, most + 1];
  const ticks = niceTicks(low, high, about).filter((tick) => tick >= low - 1e-9 && tick <= high + 1e-9);
  return { ticks, at: (value) => tenth(from + ((value - low) / (high - low)) * (to - from)) };
}

export const tenth = (value: number): number => Math.round(value * 10) / 10;

/** As few decimals as the ticks need. */
function tickLabel(tick: number, ticks: readonly number[]): string {
  const needed = ticks.map((t) => (String(Number(t.toPrecision(6))).split(".")[1] ?? "").length);
  return figure(tick, Math.min(3, Math.max(0, ...needed)));
}

/** Upright lines with their labels below. */
export function gridX({ ticks, at }: Axis, top: number, bottom: number): Html {
  return html`${ticks.map(
    (tick) =>
      html`<path class="grid" d="M${at(tick)} ${top}V${bottom}"/><text class="tick" x="${at(tick)}" y="${bottom + 15}" text-anchor="middle">${tickLabel(tick, ticks)}</text>`,
  )}`;
}

/** Level lines with their labels on the left. */
export function gridY({ ticks, at }: Axis, left: number, right: number): Html {
  return html`${ticks.map(
    (tick) =>
      html`<path class="grid" d="M${left} ${at(tick)}H${right}"/><text class="tick" x="${left - 7}" y="${at(tick) + 4}" text-anchor="end">${tickLabel(tick, ticks)}</text>`,
  )}`;
}
