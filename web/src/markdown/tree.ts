/**
 * Markdown as a tree of what may be shown. Every text knows its place in the source: `source.slice(start, end) === text`;
 * what stands for a line break has none, and -1.
 */

export interface TextNode {
  kind: "text" | "code";
  text: string;
  start: number;
  end: number;
  /** The citation that it belongs to: an index. */
  citation?: number;
}

export type Inline =
  | TextNode
  | { kind: "strong" | "emphasis" | "strike"; children: Inline[] }
  /** `href` is http or https. */
  | { kind: "link"; href: string; children: Inline[] }
  | { kind: "break" }
  /** Where the sentence of a citation ends: an index. */
  | { kind: "mark"; citation: number };

export type Block =
  | { kind: "paragraph"; children: Inline[] }
  | { kind: "heading"; level: number; children: Inline[] }
  | { kind: "fence"; language: string; children: Inline[] }
  | { kind: "quote"; blocks: Block[] }
  | { kind: "list"; first: number | undefined; items: Block[][] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] }
  | { kind: "rule" };

/** A line, or what is left of it inside a list or a quote. */
export interface Line {
  text: string;
  /** In the source. */
  start: number;
}

/** Below which lists and quotes are paragraphs: nobody reads deeper, and programs must not fall over. */
export const MAX_DEPTH = 6;

type Change = (children: Inline[]) => Inline[];

/** The same tree with every list of inline nodes replaced. */
export function mapInlines(blocks: readonly Block[], change: Change): Block[] {
  return blocks.map((block) => mapBlock(block, change));
}

function mapBlock(block: Block, change: Change): Block {
  switch (block.kind) {
    case "paragraph":
    case "heading":
    case "fence":
      return { ...block, children: change(block.children) };
    case "quote":
      return { ...block, blocks: mapInlines(block.blocks, change) };
    case "list":
      return { ...block, items: block.items.map((item) => mapInlines(item, change)) };
    case "table":
      return { ...block, head: block.head.map(change), rows: block.rows.map((row) => row.map(change)) };
    case "rule":
      return block;
  }
}

/** All texts, in order. */
export function textsOf(blocks: readonly Block[]): TextNode[] {
  const texts: TextNode[] = [];
  const visit = (children: Inline[]): Inline[] => {
    for (const child of children)
      if (child.kind === "text" || child.kind === "code") texts.push(child);
      else if ("children" in child) visit(child.children);
    return children;
  };
  mapInlines(blocks, visit);
  return texts;
}
