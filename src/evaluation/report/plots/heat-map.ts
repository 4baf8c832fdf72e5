/**
 * A matrix of figures: each cell has its number, and a colour from orange (low) over paper (neutral) to blue (high),
 * which the colour-blind can tell apart.
 */
import { figure } from "../page/figures.ts";
import { type Html, html } from "../page/html.ts";
import { shorten } from "../page/shorten.ts";
import { tenth } from "./axis.ts";
import { picture } from "./picture.ts";

export interface HeatMap {
  id: string;
  caption: Html;
  description: Html;
  rows: readonly string[];
  columns: readonly string[];
  /** null: nothing is known, and the cell stays empty. */
  cell(row: number, column: number): HeatCell | null;
  /** The value without a colour, and how far from it the colour is full. */
  neutral: number;
  span: number;
}

export interface HeatCell {
  value: number;
  /** What is shown for it. Default: the value without decimals. */
  text?: string;
  /** The whole of it, in words that need no translation. */
  title: string;
  isStrong?: boolean;
}

/** Steps of colour to either side. */
const STEPS = 5;
const LEFT = 220;
const HEIGHT = 22;

export function heatMap({ id, caption, description, rows, columns, cell, neutral, span }: HeatMap): Html {
  const width = columns.length > 24 ? 26 : 34;
  const longest = Math.max(1, ...columns.map((name) => Math.min(24, [...name].length)));
  const top = 14 + longest * 6.9;
  const content = html`${columns.map((name, j) => {
    const x = tenth(LEFT + (j + 0.5) * width + 4);
    return html`<text x="${x}" y="${top - 7}" transform="rotate(-90 ${x} ${top - 7})">${shorten(name, 24)}</text>`;
  })}
${rows.map((name, i) => {
  const y = tenth(top + i * HEIGHT);
  return html`<text x="${LEFT - 12}" y="${y + 15}" text-anchor="end">${shorten(name, 30)}</text>${columns.map(
    (_, j) => {
      const found = cell(i, j);
      if (!found) return null;
      const x = LEFT + j * width;
      const step = Math.max(-STEPS, Math.min(STEPS, Math.round(((found.value - neutral) / span) * STEPS)));
      return html`<g><title>${found.title}</title><rect class="heat h${step + STEPS}" x="${x}" y="${y}" width="${width - 1}" height="${HEIGHT - 1}"/><text class="${found.isStrong ? "cell strong-cell" : "cell"}" x="${x + width / 2 - 0.5}" y="${y + 15}" text-anchor="middle">${found.text ?? figure(found.value, 0)}</text></g>`;
    },
  )}
`;
})}`;
  const size = { width: LEFT + columns.length * width + 4, height: tenth(top + rows.length * HEIGHT + 4) };
  return picture({ id, caption, description, ...size, content });
}
