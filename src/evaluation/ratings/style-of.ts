/**
 * An answer in Markdown -> what of its looks may sway a judge, counted as arena-hard-auto counts (utils/
 * add_markdown_info.py): headings, list items, bold spans, outside of fenced code.
 */
import type { StyleFeature } from "../arena/arena-report.ts";

export const STYLE_FEATURES: readonly StyleFeature[] = ["length", "headers", "lists", "bold"];

export type Style = Record<StyleFeature, number>;

// Threat: text that makes a pattern try again and again. Each of these passes over a character a bounded number of times.
const FENCED = /```[^`]*```/g;
const HEADERS = /^#{1,6}\s/gm;
const LISTS = /^[ \t]*(?:\d{1,9}\.|[-*+])\s/gm;
const BOLD = /\*\*[^*\n]+\*\*|__[^_\n]+__/g;

/** `length` is in tokens. */
export function styleOf(answer: string, tokens: number): Style {
  const text = answer.replace(FENCED, "``````");
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  return { length: tokens, headers: count(HEADERS), lists: count(LISTS), bold: count(BOLD) };
}
