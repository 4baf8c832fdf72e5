/**
 * Content in (Markdown, HTML or plain text), its sentences out, each with its exact place: headings, list
 * items, table rows and lines of code are sentences of their own, running text is split by its end marks.
 */
import type { Span } from "../../spec/document.ts";
import { splitSentences } from "../../util/split-sentences.ts";
import { type VisibleText, visibleText } from "../../util/visible-text.ts";

/** `content.slice(start, end)` is the quote; `text` is the same as a reader sees it, on one line. */
export interface Sentence extends Span {
  text: string;
  /** Tells what follows is about; not an answer by itself. */
  heading: boolean;
}

type LineKind = "blank" | "rule" | "fence" | "heading" | "item" | "row" | "code" | "prose";

interface Line extends Span {
  kind: LineKind;
}

/** Marks before the text of a line: `# `, `- `, `1. `, `> `. */
const MARKER = /^\s{0,40}(?:>\s?){0,8}\s{0,40}(?:#{1,6}\s+|[-*+•]\s+|\d{1,3}[.)]\s+)?/;

export function documentSentences(content: string): Sentence[] {
  const visible = visibleText(content);
  const sentences: Sentence[] = [];
  const push = (start: number, end: number, heading: boolean) => {
    const text = visible.text.slice(start, end).replace(/\s+/g, " ").trim();
    // A sentence says something: a letter or a digit.
    if (!/[\p{L}\p{N}]/u.test(text)) return;
    sentences.push({ ...sourceSpan(visible, start, end), text, heading });
  };
  for (const block of blocksOf(visible.text)) {
    if (block.kind === "row" || block.kind === "code" || block.kind === "heading")
      push(block.start, block.end, block.kind === "heading");
    else
      for (const span of splitSentences(visible.text.slice(block.start, block.end)))
        push(block.start + span.start, block.start + span.end, false);
  }
  return sentences;
}

/** The content behind a visible range, without the white space and the replaced tags at its ends. */
function sourceSpan(visible: VisibleText, start: number, end: number): Span {
  let from = start;
  let to = end;
  while (from < to && /\s/.test(visible.text[from]!)) from++;
  while (to > from && /\s/.test(visible.text[to - 1]!)) to--;
  return { start: visible.starts[from]!, end: visible.ends[to - 1]! };
}

/** Lines joined to blocks: prose goes on a paragraph or a list item, everything else stands alone. */
function blocksOf(text: string): Line[] {
  const blocks: Line[] = [];
  let open: Line | undefined;
  for (const line of linesOf(text)) {
    if (line.kind === "prose" && open) open.end = line.end;
    else if (line.kind === "prose" || line.kind === "item") {
      open = { ...line };
      blocks.push(open);
    } else {
      open = undefined;
      if (line.kind !== "blank" && line.kind !== "rule" && line.kind !== "fence") blocks.push(line);
    }
  }
  return blocks;
}

function* linesOf(text: string): Generator<Line> {
  let fenced = false;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end);
    const kind = lineKind(line, fenced);
    if (kind === "fence") fenced = !fenced;
    const marker =
      kind === "item" || kind === "heading" || kind === "prose" ? MARKER.exec(line)![0].length : 0;
    yield { kind, start: start + (kind === "prose" && !line.trimStart().startsWith(">") ? 0 : marker), end };
    start = end + 1;
  }
}

function lineKind(line: string, fenced: boolean): LineKind {
  const text = line.trim();
  if (text === "") return "blank";
  if (/^(```|~~~)/.test(text)) return "fence";
  if (fenced) return "code";
  if (/^[-=*_|:+\s]+$/.test(text)) return "rule";
  if (/^#{1,6}\s/.test(text)) return "heading";
  if (/^(?:>\s?)*([-*+•]|\d{1,3}[.)])\s/.test(text)) return "item";
  if (text.startsWith("|") && text.endsWith("|")) return "row";
  return "prose";
}
