/**
 * A document in, its chunks out: verbatim stretches that respect headings, paragraphs, list items, tables, fences and
 * pages, each with the headings above it as its title.
 */
import type { Chunk, Document, TextFormat } from "../spec/document.ts";
import { MAX_DOCUMENT_CHARACTERS } from "../spec/grounding.ts";
import type { Block } from "./block.ts";
import { codeBlocks } from "./code-blocks.ts";
import { htmlBlocks } from "./html-blocks.ts";
import { markdownBlocks } from "./markdown-blocks.ts";
import { packBlocks, type Section } from "./pack-blocks.ts";
import { plainBlocks } from "./plain-blocks.ts";

const BLOCKS: Record<TextFormat, (text: string) => Block[]> = {
  markdown: markdownBlocks,
  html: htmlBlocks,
  code: codeBlocks,
  plain: plainBlocks,
};

/** About a long paragraph, or three short ones: what a question is usually answered from. */
const TARGET_CHARACTERS = 1200;

/** Titles are for orientation. */
const MAX_TITLE_CHARACTERS = 300;

export function chunkDocument(document: Document): Chunk[] {
  const { source, text, format, pageStarts = [] } = document;
  const blocks = BLOCKS[format](text);
  const sections = packBlocks(text, atPages(blocks, pageStarts), {
    target: TARGET_CHARACTERS,
    limit: MAX_DOCUMENT_CHARACTERS,
  });
  return sections.map((section) => {
    const { start, end } = section;
    const chunk = { source, title: titleOf(document, section), format, text: text.slice(start, end) };
    return pageStarts.length > 0
      ? { ...chunk, start, end, page: pageOf(start, pageStarts) }
      : { ...chunk, start, end };
  });
}

/** Blocks end where pages do, and no chunk has parts of two. */
function atPages(blocks: readonly Block[], pageStarts: readonly number[]): readonly Block[] {
  if (pageStarts.length < 2) return blocks;
  const pieces: Block[] = [];
  let page = 1;
  for (const { start, end } of blocks)
    for (let at = start; at < end; ) {
      const own = pageOf(at, pageStarts);
      const next = Math.min(end, pageStarts[own] ?? end);
      pieces.push({ start: at, end: next, apart: own !== page });
      page = own;
      at = next;
    }
  return pieces;
}

/** From 1. */
function pageOf(at: number, pageStarts: readonly number[]): number {
  let [low, high] = [0, pageStarts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (pageStarts[middle]! <= at) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** "Guide > Install"; a first heading that repeats the document's title is not said twice. */
function titleOf({ title }: Document, { headings }: Section): string | null {
  const own = title !== null && headings[0] !== title ? [title] : [];
  const path = [...own, ...headings].filter((part) => part !== "");
  return path.length > 0 ? path.join(" > ").slice(0, MAX_TITLE_CHARACTERS) : null;
}
