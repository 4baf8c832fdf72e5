/** A text and the place that is meant in it -> sections to show: a page each, or less, cut at line ends. */

export interface Range {
  start: number;
  end: number;
}

export interface Section extends Range {
  /** From 1; only of the section that begins the page. */
  page?: number;
}

/** Short enough for a browser to lay out only those in view. */
const SECTION = 6000;

/** Sections from `within.start` to `within.end`; joined, they are that part of the text. */
export function splitText(text: string, pageStarts: readonly number[] | null, within: Range): Section[] {
  const sections: Section[] = [];
  const pages = (pageStarts ?? []).map((start, i) => ({ start, page: i + 1 }));
  let at = within.start;
  let next = pages.findIndex(({ start }) => start >= at);
  while (at < within.end) {
    const page = next >= 0 && pages[next]?.start === at ? pages[next++]!.page : undefined;
    // Pages without text begin where the next one does: the last of them is named.
    if (next > 0 && pages[next]?.start === at) continue;
    const limit = Math.min(within.end, pages[next]?.start ?? within.end);
    const end = limit - at <= SECTION ? limit : lineEnd(text, at, limit);
    sections.push({ start: at, end, ...(page !== undefined && { page }) });
    at = end;
  }
  return sections;
}

function lineEnd(text: string, from: number, limit: number): number {
  const last = text.lastIndexOf("\n", from + SECTION);
  if (last > from) return last + 1;
  const next = text.indexOf("\n", from + SECTION);
  return next < 0 || next >= limit ? limit : next + 1;
}

/** The text around a place: a book of a thousand pages is not laid out for one sentence. */
export function windowAround(text: string, { start, end }: Range, reach: number): Range {
  if (text.length <= 2 * reach) return { start: 0, end: text.length };
  return { start: Math.max(0, start - reach), end: Math.min(text.length, end + reach) };
}

/** The page that a place is on, from 1. */
export function pageAt(pageStarts: readonly number[], place: number): number {
  return Math.max(1, pageStarts.filter((start) => start <= place).length);
}
