/**
 * Markdown that a model wrote in, blocks out: paragraphs, headings, lists, quotes, fenced code, tables, rules. A subset of
 * CommonMark and of GitHub's tables that is read in linear time; never HTML.
 */
import { parseInline } from "./parse-inline.ts";
import { type Block, type Inline, type Line, MAX_DEPTH } from "./tree.ts";

const FENCE = /^ {0,3}(`{3,}|~{3,}) *([\w+#.-]{0,30})[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})(?=[ \t]|$)/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,12})([-*+]|\d{1,9}[.)])(?:[ \t]{1,4}|$)/;
/** A year at the beginning of a line of text is no list. */
const INTERRUPTION = /^ {0,12}(?:[-*+]|1[.)])[ \t]/;

export function parseMarkdown(source: string): Block[] {
  let start = 0;
  const lines = source.split("\n").map((text) => {
    const line = { text, start };
    start += text.length + 1;
    return line;
  });
  return parseBlocks(lines, 0);
}

function parseBlocks(lines: readonly Line[], depth: number): Block[] {
  const blocks: Block[] = [];
  const reader = { lines, at: 0, depth };
  while (reader.at < lines.length) {
    if (isBlank(lines[reader.at]!)) reader.at++;
    else
      blocks.push(
        readFence(reader) ??
          readOneLine(reader) ??
          readNested(reader) ??
          readTable(reader) ??
          readParagraph(reader),
      );
  }
  return blocks;
}

interface Reader {
  lines: readonly Line[];
  at: number;
  depth: number;
}

const isBlank = ({ text }: Line) => text.trim() === "";

function isRule({ text }: Line): boolean {
  const bare = text.replace(/[ \t]/g, "");
  return bare.length >= 3 && /^(?:-+|\*+|_+)$/.test(bare);
}

/** Ends a paragraph. */
function isStart(line: Line, depth: number): boolean {
  const { text } = line;
  const isNested = depth < MAX_DEPTH && (QUOTE.test(text) || INTERRUPTION.test(text));
  return isNested || FENCE.test(text) || HEADING.test(text) || isRule(line);
}

function readFence(reader: Reader): Block | undefined {
  const match = FENCE.exec(reader.lines[reader.at]!.text);
  if (!match) return undefined;
  const [mark, language] = [match[1]!, match[2]!];
  const children: Inline[] = [];
  for (reader.at++; reader.at < reader.lines.length; reader.at++) {
    const { text, start } = reader.lines[reader.at]!;
    const trimmed = text.trim();
    if (trimmed.length >= mark.length && trimmed === mark[0]!.repeat(trimmed.length)) {
      reader.at++;
      break;
    }
    if (children.length > 0) children.push({ kind: "text", text: "\n", start: -1, end: -1 });
    if (text !== "") children.push({ kind: "text", text, start, end: start + text.length });
  }
  return { kind: "fence", language, children };
}

function readOneLine(reader: Reader): Block | undefined {
  const line = reader.lines[reader.at]!;
  const heading = HEADING.exec(line.text);
  if (!heading && !isRule(line)) return undefined;
  reader.at++;
  if (!heading) return { kind: "rule" };
  const children = parseInline([cut(line, heading[0].length)]);
  return { kind: "heading", level: heading[1]!.length, children };
}

function readNested(reader: Reader): Block | undefined {
  if (reader.depth >= MAX_DEPTH) return undefined;
  const { text } = reader.lines[reader.at]!;
  if (QUOTE.test(text)) return readQuote(reader);
  return ITEM.test(text) ? readList(reader) : undefined;
}

function readQuote(reader: Reader): Block {
  const inner: Line[] = [];
  for (; reader.at < reader.lines.length; reader.at++) {
    const line = reader.lines[reader.at]!;
    const match = QUOTE.exec(line.text);
    if (!match) break;
    inner.push(cut(line, match[0].length));
  }
  return { kind: "quote", blocks: parseBlocks(inner, reader.depth + 1) };
}

function readList(reader: Reader): Block {
  const [, indent, mark] = ITEM.exec(reader.lines[reader.at]!.text)!;
  const isOrdered = /\d/.test(mark!);
  const items: Block[][] = [];
  while (reader.at < reader.lines.length) {
    const match = ITEM.exec(reader.lines[reader.at]!.text);
    if (!match || match[1]!.length > indent!.length + 1 || /\d/.test(match[2]!) !== isOrdered) break;
    if (isRule(reader.lines[reader.at]!)) break;
    items.push(parseBlocks(itemLines(reader, match[0].length, indent!.length), reader.depth + 1));
  }
  return { kind: "list", first: isOrdered ? Number.parseInt(mark!, 10) : undefined, items };
}

/** The lines of one item, without their indent; leaves the reader at what follows. */
function itemLines(reader: Reader, width: number, outer: number): Line[] {
  const { lines } = reader;
  const inner = [cut(lines[reader.at]!, width)];
  for (reader.at++; reader.at < lines.length; reader.at++) {
    const line = lines[reader.at]!;
    const indent = line.text.length - line.text.trimStart().length;
    const isInside = indent > outer + 1;
    if (isBlank(line)) {
      inner.push(line);
      continue;
    }
    if (!isInside && (isBlank(inner.at(-1)!) || isStart(line, 0) || ITEM.test(line.text))) break;
    inner.push(cut(line, Math.min(indent, width)));
  }
  return inner;
}

function readTable(reader: Reader): Block | undefined {
  const [line, rule] = [reader.lines[reader.at]!, reader.lines[reader.at + 1]];
  if (!rule || !line.text.includes("|") || !rule.text.includes("-")) return undefined;
  const head = cells(line);
  const ruleCells = cells(rule);
  if (ruleCells.length !== head.length || !ruleCells.every(({ text }) => /^:?-+:?$/.test(text.trim())))
    return undefined;
  const rows: Inline[][][] = [];
  for (reader.at += 2; reader.at < reader.lines.length; reader.at++) {
    const row = reader.lines[reader.at]!;
    if (isBlank(row) || !row.text.includes("|")) break;
    // More cells than the head has are shown all the same.
    const own = cells(row).map((cell) => parseInline([cell]));
    while (own.length < head.length) own.push([]);
    rows.push(own);
  }
  return { kind: "table", head: head.map((cell) => parseInline([cell])), rows };
}

function cells(line: Line): Line[] {
  const found: Line[] = [];
  let from = 0;
  for (let at = 0; at <= line.text.length; at++) {
    if (line.text[at] === "\\") at++;
    else if (at === line.text.length || line.text[at] === "|") {
      found.push({ text: line.text.slice(from, at), start: line.start + from });
      from = at + 1;
    }
  }
  // A | at the edge parts nothing.
  if (found.length > 1 && isBlank(found[0]!)) found.shift();
  if (found.length > 1 && isBlank(found.at(-1)!)) found.pop();
  return found;
}

function readParagraph(reader: Reader): Block {
  const own = [reader.lines[reader.at]!];
  for (reader.at++; reader.at < reader.lines.length; reader.at++) {
    const line = reader.lines[reader.at]!;
    if (isBlank(line) || isStart(line, reader.depth)) break;
    own.push(line);
  }
  return { kind: "paragraph", children: parseInline(own) };
}

function cut({ text, start }: Line, length: number): Line {
  return { text: text.slice(length), start: start + length };
}
