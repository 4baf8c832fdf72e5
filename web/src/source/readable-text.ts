/** A document's text, and a place in it, as people read them: HTML without its tags, everything else as it is. */
import { type VisibleText, visibleText } from "../../../src/util/visible-text.ts";
import type { Range } from "./split-text.ts";

export interface ReadableText {
  text: string;
  /** Of a range of the document's text. */
  shown(range: Range): Range;
}

export function readableText(text: string, format: string): ReadableText {
  if (format !== "html") return { text, shown: (range) => range };
  const visible = visibleText(text);
  return {
    text: visible.text,
    shown: ({ start, end }) => ({
      start: firstPast(visible, (place) => visible.behind(place, place + 1).end > start),
      end: firstPast(visible, (place) => visible.behind(place, place + 1).start >= end),
    }),
  };
}

/** `isPast` is false up to some place, and true from there on. */
function firstPast({ text }: VisibleText, isPast: (place: number) => boolean): number {
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isPast(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
