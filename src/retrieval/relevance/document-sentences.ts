/**
 * Content in (Markdown, HTML or plain text), its sentences out, each with its exact place: headings, list
 * items, table rows and lines of code are sentences of their own, running text is split by its end marks.
 */
import type { Span } from "../../spec/document.ts";
import { isSpace } from "../../util/is-space.ts";
import { splitSentences } from "../../util/split-sentences.ts";
import { type VisibleText, visibleText } from "../../util/visible-text.ts";

/** `content.slice(start, end)` is the quote; `text` is the same as a reader sees it, on one line. */
export interface Sentence extends Span {
  text: string;
  /** Tells what follows is about; not an answer by itself. */
  heading: boolean;
  /** Counted from 0: sentences of one paragraph or item share it, lines of code and rows have each their own. */
  block: number;
}

type LineKind = "blank" | "rule" | "fence" | "heading" | "item" | "row" | "code" | "prose";

interface Line extends Span {
  kind: LineKind;
}

/** Of a quotation, before each of its lines after the first. */
const QUOTATION = /\n\s{0,40}(?:>\s?){1,8}/g;

/** Code inside a line, whose dots end nothing. */
const CODE_SPAN = /`[^`\n]{1,200}`/g;

/** The second line of a table. */
const TABLE_RULE = /^(?=.*-)(?=.*\|)[-:|\s]+$/;

/** Marks before the text of a line: `# `, `- `, `1. `, `> `. */
const MARKER = /^\s{0,40}(?:>\s?){0,8}\s{0,40}(?:#{1,6}\s+|[-*+•]\s+|\d{1,3}[.)]\s+)?/;

const QUOTED = /^\s*>/;

/** Of a quotation, before a line in it. */
const QUOTATION_MARK = /^\s{0,40}(?:>\s?){1,8}/;

/** A block of code begins or ends. */
const FENCE = /^(```|~~~)/;

/** What a line begins with that may be something else than prose or code. */
const MARK = /^[`~\-=*_|:+#>•\d]/;

export function documentSentences(content: string): Sentence[] {
  const visible = visibleText(content);
  const sentences: Sentence[] = [];
  for (const [block, { kind, start, end }] of blocksOf(visible.text).entries()) {
    const whole = kind === "row" || kind === "code" || kind === "heading";
    const spans = whole ? [{ start: 0, end: end - start }] : proseSentences(visible.text.slice(start, end));
    for (const span of spans) {
      const [from, to] = [start + span.start, start + span.end];
      const text = onOneLine(visible.text.slice(from, to));
      // A sentence says something: a letter or a digit.
      if (!/[\p{L}\p{N}]/u.test(text)) continue;
      const source = sourceSpan(visible, from, to);
      // No spread: what V8 makes of one outlives the collector's first passes.
      sentences.push({ start: source.start, end: source.end, text, heading: kind === "heading", block });
    }
  }
  return sentences;
}

function onOneLine(text: string): string {
  // Most are already.
  return /^\S+(?: \S+)*$/.test(text) ? text : text.replace(QUOTATION, "\n").replace(/\s+/g, " ").trim();
}

function proseSentences(text: string): Span[] {
  if (!text.includes("`")) return splitSentences(text);
  return splitSentences(text.replace(CODE_SPAN, (code) => `\`${"x".repeat(code.length - 2)}\``));
}

/** The content behind a visible range, without the white space and the replaced tags at its ends. */
function sourceSpan(visible: VisibleText, start: number, end: number): Span {
  let from = start;
  let to = end;
  while (from < to && isSpace(visible.text, from)) from++;
  while (to > from && isSpace(visible.text, to - 1)) to--;
  return visible.behind(from, to);
}

/** Lines joined to blocks: prose goes on a paragraph or a list item, everything else stands alone. */
function blocksOf(text: string): Line[] {
  const blocks: Line[] = [];
  let open: Line | undefined;
  for (const line of linesOf(text)) {
    if (line.kind === "prose" && open) open.end = line.end;
    else if (line.kind === "prose" || line.kind === "item") {
      open = line;
      blocks.push(open);
    } else {
      open = undefined;
      if (line.kind !== "blank" && line.kind !== "rule" && line.kind !== "fence") blocks.push(line);
    }
  }
  return blocks;
}

function* linesOf(text: string): Generator<Line> {
  let fenced: "plain" | "quoted" | undefined;
  let inTable = false;
  for (let start = 0; start < text.length; ) {
    const end = lineEnd(text, start);
    const line = text.slice(start, end);
    inTable = line.includes("|") && (inTable || TABLE_RULE.test(text.slice(end + 1, lineEnd(text, end + 1))));
    const quoted = QUOTED.test(line);
    // Code that is quoted ends with its quotation.
    if (fenced === "quoted" && !quoted) fenced = undefined;
    const mark = quoted && fenced !== "plain" ? QUOTATION_MARK.exec(line)![0] : "";
    const inside = line.slice(mark.length);
    const isCode = fenced !== undefined || FENCE.test(inside.trimStart());
    const plainKind = lineKind(isCode ? inside : line, fenced !== undefined);
    const kind = plainKind === "prose" && inTable ? "row" : plainKind;
    if (kind === "fence") fenced = fenced ? undefined : mark === "" ? "plain" : "quoted";
    const isMarked = kind === "item" || kind === "heading" || (kind === "prose" && quoted);
    const before = isMarked ? MARKER.exec(line)![0] : kind === "code" ? mark : "";
    yield { kind, start: start + before.length, end };
    start = end + 1;
  }
}

function lineEnd(text: string, start: number): number {
  const newline = text.indexOf("\n", start);
  return newline < 0 ? text.length : newline;
}

function lineKind(line: string, fenced: boolean): LineKind {
  const text = line.trim();
  if (text === "") return "blank";
  if (!MARK.test(text)) return fenced ? "code" : "prose";
  if (FENCE.test(text)) return "fence";
  if (fenced) return "code";
  if (/^[>\s]+$/.test(text)) return "blank";
  if (/^[-=*_|:+\s]+$/.test(text)) return "rule";
  if (/^#{1,6}\s/.test(text)) return "heading";
  if (/^(?:>\s?)*([-*+•]|\d{1,3}[.)])\s/.test(text)) return "item";
  if (text.startsWith("|") && text.endsWith("|")) return "row";
  return "prose";
}
