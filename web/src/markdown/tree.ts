/** Markdown as a tree of what may be shown; its names are mdast's. Nothing in it is HTML. */

export interface TextNode {
  type: "text" | "inlineCode";
  value: string;
  /** Its place in the source: of the same length, but for escapes and entities. What stands for a line break has none, and -1. */
  start: number;
  end: number;
  /** The citation that it belongs to: an index. */
  citation?: number;
}

export type ParentNode = { children: TreeNode[] } & (
  | {
      type:
        | "root"
        /** With the marks of Markdown, and lines as they are. */
        | "plain"
        | "paragraph"
        | "blockquote"
        | "listItem"
        | "code"
        | "table"
        | "tableRow"
        | "tableCell"
        | "thematicBreak"
        | "strong"
        | "emphasis"
        | "break";
    }
  | { type: "heading"; depth: number }
  /** `start` where it is numbered. */
  | { type: "list"; start: number | undefined }
  /** `url` is http or https. */
  | { type: "link"; url: string }
);

/** Where the sentence of a citation ends: an index. */
export interface MarkNode {
  type: "mark";
  citation: number;
}

export type TreeNode = TextNode | ParentNode | MarkNode;

export const isText = (node: TreeNode | undefined): node is TextNode =>
  node?.type === "text" || node?.type === "inlineCode";

/** false: what it stands for is written otherwise, so that it is cut nowhere. */
export const isExact = ({ value, start, end }: TextNode) => end - start === value.length;

/** Of its value, `from` and `to` in it. */
export function part(node: TextNode, from: number, to: number): TextNode {
  const value = node.value.slice(from, to);
  return isExact(node)
    ? { ...node, value, start: node.start + from, end: node.start + to }
    : { ...node, value };
}

/** All texts, in order. */
export function* textsOf(node: TreeNode): Generator<TextNode> {
  if (isText(node)) yield node;
  else if ("children" in node) for (const child of node.children) yield* textsOf(child);
}

/** What is shown of Markdown that nobody has read. */
export const plainTree = (source: string): ParentNode => ({
  type: "root",
  children: [{ type: "plain", children: [{ type: "text", value: source, start: 0, end: source.length }] }],
});
