/**
 * Markdown in, blocks out: headings, paragraphs, list items, tables, fences, quotes, by markdown-it's block parser.
 * Inline marks are not looked at.
 */
import MarkdownIt from "markdown-it";
import { frontMatter } from "../documents/front-matter.ts";
import type { Block } from "./block.ts";

const parser = new MarkdownIt({ html: true });
parser.core.ruler.disable(["inline", "text_join"]);
// What links lead to is text here: it would be in no block.
parser.block.ruler.disable("reference");

/** Blocks whose parts are blocks again, by the token that closes them. */
const CONTAINERS = /^(?:bullet_list|ordered_list|list_item|blockquote)_open$/;

type Token = ReturnType<typeof parser.parse>[number];

export function markdownBlocks(text: string): Block[] {
  const front = frontMatter(text).length;
  const body = text.slice(front);
  const starts = lineStarts(body).map((start) => start + front);
  const tokens = parser.parse(body, {});
  return [...siblings(tokens, 0, tokens.length, text, starts)];
}

/** The blocks among `tokens[from..to)` that are in no other one there. */
function* siblings(
  tokens: readonly Token[],
  from: number,
  to: number,
  text: string,
  starts: readonly number[],
): Generator<Block> {
  for (let i = from; i < to; ) {
    const token = tokens[i]!;
    const close = token.nesting === 1 ? closing(tokens, i) : i;
    if (token.map && token.type !== "hr") {
      const block = spanOf(token.map, text, starts);
      if (token.type === "heading_open")
        block.heading = { level: Number(token.tag.slice(1)), title: plainTitle(tokens[i + 1]!.content) };
      const inside: [number, number] = [i + 1, close];
      if (CONTAINERS.test(token.type)) block.divide = () => [...siblings(tokens, ...inside, text, starts)];
      if (block.end > block.start) yield block;
    }
    i = close + 1;
  }
}

function closing(tokens: readonly Token[], open: number): number {
  const { level } = tokens[open]!;
  let at = open + 1;
  while (tokens[at]!.level !== level || tokens[at]!.nesting !== -1) at++;
  return at;
}

function spanOf([first, after]: [number, number], text: string, starts: readonly number[]): Block {
  const start = starts[first] ?? text.length;
  const piece = text.slice(start, starts[after] ?? text.length);
  return { start, end: start + piece.trimEnd().length };
}

/** As markdown-it counts lines: it takes CR LF, and CR alone, for one end each. */
function lineStarts(text: string): number[] {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n?|\n/g)) starts.push(index + end.length);
  return starts;
}

/** A heading without tags, links' addresses and marks of emphasis; `Weak<T>` and snake_case stay. */
function plainTitle(content: string): string {
  return content
    .replace(/`[^`]*`|<\/?[a-z][^>]*>/gi, (found) => (found.startsWith("`") ? found : ""))
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[*`]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "")
    .trim();
}
