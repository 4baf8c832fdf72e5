/**
 * A table with a caption, heads that say what they are heads of, and a frame that scrolls on small screens. A figure
 * and its interval are two cells under one head, so that digits stand below digits.
 */
import type { Interval } from "../../estimate.ts";
import { figure, range, signed, signedRange } from "./figures.ts";
import { type Html, type HtmlValue, html } from "./html.ts";

export interface Column<Row> {
  head: HtmlValue;
  /** All `<td>` of this column. */
  cells(row: Row): Html;
  /** How many `<td>` there are. Default: 1. */
  width?: number;
  isNumber?: boolean;
}

/** Columns that share a head of their own. */
export interface ColumnGroup<Row> {
  head: HtmlValue;
  columns: readonly Column<Row>[];
}

export interface Table<Row> {
  caption: Html;
  /** The first column names the row. */
  name: { head: HtmlValue; of(row: Row): HtmlValue };
  groups: readonly ColumnGroup<Row>[];
  rows: readonly Row[];
}

export function table<Row>({ caption, name, groups, rows }: Table<Row>): Html {
  const hasGroups = groups.some(({ head }) => head !== "");
  const columns = groups.flatMap((group) => group.columns);
  return html`<div class="scroll" tabindex="0"><table>
<caption>${caption}</caption>
<thead>${
    hasGroups &&
    html`<tr><td></td>${groups.map(({ head, columns }) =>
      head === ""
        ? html`<td colspan="${widthOf(columns)}"></td>`
        : html`<th scope="colgroup" colspan="${widthOf(columns)}"><span class="group">${head}</span></th>`,
    )}</tr>`
  }<tr><th scope="col">${name.head}</th>${columns.map(
    ({ head, width = 1, isNumber }) =>
      html`<th scope="col" colspan="${width}"${isNumber && html` class="n"`}>${head}</th>`,
  )}</tr></thead>
<tbody>
${rows.map((row) => html`<tr><th scope="row">${name.of(row)}</th>${columns.map((column) => column.cells(row))}</tr>\n`)}</tbody>
</table></div>
`;
}

const widthOf = (columns: readonly Column<never>[]): number =>
  columns.reduce((sum, { width = 1 }) => sum + width, 0);

/** What is not known is a dash. */
const numberCell = (text: string | undefined): Html => html`<td class="n">${text ?? "–"}</td>`;

export interface FigureColumn<Row> {
  head: HtmlValue;
  of(row: Row): { value: number; interval: Interval | null } | undefined;
  decimals?: number;
  isDifference?: boolean;
  /** What stands before the figure. */
  sign?(row: Row): string | undefined;
}

export function figureColumn<Row>({
  head,
  of,
  decimals,
  isDifference,
  sign,
}: FigureColumn<Row>): Column<Row> {
  const [one, two] = isDifference ? [signed, signedRange] : [figure, range];
  return {
    head,
    width: 2,
    isNumber: true,
    cells(row) {
      const known = of(row);
      if (!known) return html`<td class="n none">–</td><td></td>`;
      return html`<td class="n">${sign?.(row)}${one(known.value, decimals)}</td><td class="i">${known.interval ? two(known.interval, decimals) : "–"}</td>`;
    },
  };
}

/** A column of counts or other plain figures. */
export function numberColumn<Row>(head: HtmlValue, of: (row: Row) => string | undefined): Column<Row> {
  return { head, isNumber: true, cells: (row) => numberCell(of(row)) };
}

export const textColumn = <Row>(head: HtmlValue, of: (row: Row) => HtmlValue): Column<Row> => ({
  head,
  cells: (row) => html`<td>${of(row)}</td>`,
});
