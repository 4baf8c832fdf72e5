/**
 * Markdown that a model wrote in, a tree out: CommonMark and the tables of GitHub, read by micromark. HTML is text; links
 * lead to http and https only, what leads elsewhere stays as it is written; an image is a link; bare addresses are links.
 */
import type { Code, InlineCode, Nodes, Parents, Text } from "mdast";
import { type CompileContext, type Extension, fromMarkdown, type Token } from "mdast-util-from-markdown";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTable } from "micromark-extension-gfm-table";
import { linkAddresses } from "./link-addresses.ts";
import { type ParentNode, plainTree, type TextNode, type TreeNode } from "./tree.ts";

const LONGEST = 50_000;

/**
 * The library's time grows with the number of paragraphs; with the marks in each times its length, of which those of
 * emphasis, links and lines take four times as long as others; and with the square of what stands before the text of
 * quotes and items, or below that of headings, so that few are taken. In units of some ten nanoseconds; a long answer of
 * all that people write has less.
 */
const MOST_WORK = 100_000_000;
const PARAGRAPH_WORK = 20_000;
const OPENING_WORK = 50_000;
const BETWEEN_PARAGRAPHS = /\n[ \t\r]*\n/;
const SLOW_MARKS = /\*+|_+|[[\n]/g;
const MARKS = /[\]!&<\\`|]/g;
const OPENINGS = /^(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=\s|$)))+|^[ \t]*[-=]+[ \t]*$/gm;

/** Below which quotes, lists and emphasis are only what stands in them: nobody reads deeper. */
const MAX_DEPTH = 16;

const NOT_READ = { disable: { null: ["htmlFlow", "htmlText", "definition"] } };

/** Texts are not joined where something between them is not shown: so each has a place. */
const APART: Extension = {
  enter: { data: enterText, characterEscape: enterText, characterReference: enterText },
};
const MDAST = [gfmTableFromMarkdown(), APART];

export function parseMarkdown(source: string): ParentNode {
  if (isTangled(source)) return plainTree(source);
  // A byte order mark would be left out, and all places move.
  const { children } = fromMarkdown(source.replace(/^\ufeff/, " "), {
    extensions: [gfmTable(), NOT_READ],
    mdastExtensions: MDAST,
  });
  return {
    type: "root",
    children: children.flatMap((node) => shown(node, { source, depth: 0, isLinked: false })),
  };
}

/** What people do not write, and would take seconds, is shown as it is. */
function isTangled(source: string): boolean {
  if (source.length > LONGEST) return true;
  let work = OPENING_WORK * (source.match(OPENINGS) ?? []).join("").length;
  for (const part of source.split(BETWEEN_PARAGRAPHS))
    work += PARAGRAPH_WORK + part.length * (4 * count(part, SLOW_MARKS) + count(part, MARKS));
  return work > MOST_WORK;
}

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

function enterText(this: CompileContext, token: Token): void {
  const { children } = this.stack.at(-1) as Parents;
  const last = children.at(-1);
  let text: Text;
  if (
    token.type === "data" &&
    last?.type === "text" &&
    isExact(last) &&
    last.position!.end.offset === token.start.offset
  )
    text = last;
  else {
    text = { type: "text", value: "", position: { start: token.start, end: token.end } };
    (children as Nodes[]).push(text);
  }
  this.stack.push(text);
}

const startOf = ({ position }: Nodes) => position!.start.offset!;
const endOf = ({ position }: Nodes) => position!.end.offset!;
const isExact = (text: Text) => endOf(text) - startOf(text) === text.value.length;

interface Around {
  source: string;
  depth: number;
  isLinked: boolean;
}

function shown(node: Nodes, around: Around): TreeNode[] {
  const { source, depth, isLinked } = around;
  const children = (inside: Partial<Around> = {}): TreeNode[] => {
    const own = (node as Parents).children.flatMap((child) =>
      shown(child, { ...around, depth: depth + 1, ...inside }),
    );
    return isLinked || inside.isLinked ? own : linkAddresses(own);
  };
  switch (node.type) {
    case "text":
      return textsWithin(node, source);
    case "inlineCode":
      return [codeWithin(node, source)];
    case "code":
      return [{ type: "code", children: linesWithin(node, source) }];
    case "link":
      if (!isWeb(node.url)) break;
      return isLinked
        ? children()
        : [{ type: "link", url: node.url, children: children({ isLinked: true }) }];
    case "image": {
      if (!isWeb(node.url)) break;
      const text = written(node, node.alt || node.url);
      return isLinked ? [text] : [{ type: "link", url: node.url, children: [text] }];
    }
    case "blockquote":
    case "listItem":
    case "strong":
    case "emphasis":
      return depth < MAX_DEPTH ? [{ type: node.type, children: children() }] : children();
    case "list": {
      const start = node.ordered ? (node.start ?? 1) : undefined;
      return depth < MAX_DEPTH ? [{ type: "list", start, children: children() }] : children();
    }
    case "heading":
      return [{ type: "heading", depth: node.depth, children: children() }];
    case "paragraph":
    case "table":
    case "tableRow":
    case "tableCell":
      return [{ type: node.type, children: children() }];
    case "break":
    case "thematicBreak":
      return [{ type: node.type, children: [] }];
  }
  return [written(node, source.slice(startOf(node), endOf(node)))];
}

const isWeb = (url: string) => /^https?:\/\//i.test(url);

const written = (node: Nodes, value: string): TextNode => ({
  type: "text",
  value,
  start: startOf(node),
  end: endOf(node),
});

/** With a line ending go the spaces before it, which nobody sees. */
function textsWithin(node: Text, source: string): TextNode[] {
  const value = node.value.replace(/[\r\n]+$/, "");
  if (isExact(node) || value === node.value) return [written(node, node.value)];
  const { length } = source.slice(startOf(node), endOf(node)).replace(/[ \t]*[\r\n]+$/, "");
  const space: TextNode = { type: "text", value: " ", start: -1, end: -1 };
  return value === "" ? [space] : [{ ...written(node, value), end: startOf(node) + length }, space];
}

function codeWithin(node: InlineCode, source: string): TextNode {
  const { value } = node;
  const marked = source.slice(startOf(node), endOf(node));
  const ticks = /^`+/.exec(marked)![0].length;
  // One space at each end is left out.
  const before = ticks + (marked.length - 2 * ticks - value.length) / 2;
  const isExact = marked.slice(before, before + value.length).replace(/[\r\n]/g, " ") === value;
  const start = startOf(node) + before;
  return {
    ...written(node, value),
    type: "inlineCode",
    ...(isExact && { start, end: start + value.length }),
  };
}

/** Each line has its place, behind what a list or a quote puts before it. */
function linesWithin(node: Code, source: string): TextNode[] {
  const written = source.slice(startOf(node), endOf(node)).split(/(?<=\r\n|\r(?!\n)|\n)/);
  let at = startOf(node);
  if (/^[`~]{3}/.test(written[0]!)) at += written.shift()!.length;
  return node.value.split(/\r\n|\r|\n/).flatMap((value, i) => {
    const line = written[i]?.replace(/[\r\n]+$/, "") ?? "";
    const start = line.endsWith(value) ? at + line.length - value.length : -1;
    at += written[i]?.length ?? 0;
    const end = start < 0 ? -1 : start + value.length;
    const own: TextNode[] = value === "" ? [] : [{ type: "text", value, start, end }];
    return i === 0 ? own : [{ type: "text", value: "\n", start: -1, end: -1 }, ...own];
  });
}
