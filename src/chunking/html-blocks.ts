/**
 * HTML in, blocks out: headings, paragraphs, list items, tables, and runs of text between them, by htmlparser2.
 * Scripts, styles, navigation and the head are left out.
 */
import { type ChildNode, type Element, hasChildren, isTag } from "domhandler";
import { parseDocument } from "htmlparser2";
import type { Block } from "./block.ts";

const SKIPPED = new Set(
  "head script style template noscript nav svg iframe object canvas button form".split(" "),
);
/** Whole where they fit a chunk; their parts else. */
const LEAVES = new Set(
  "p li pre table dt dd h1 h2 h3 h4 h5 h6 figure figcaption blockquote address caption summary tr td th".split(
    " ",
  ),
);
/** Never blocks themselves: what is in them stands in the text's own order. */
const CONTAINERS = new Set(
  (
    "html body main article section div header footer aside ul ol dl details tbody thead tfoot center fieldset " +
    "hgroup search"
  ).split(" "),
);
const HEADING = /^h([1-6])$/;

/** Deeper nesting than any page has: from there on the text is divided as it stands. */
const MAX_DEPTH = 256;

export function htmlBlocks(text: string): Block[] {
  const root = parseDocument(text, { withStartIndices: true, withEndIndices: true });
  return blocksOf(root.children, text, 0, text.length);
}

/** Of siblings, which end before `end`. */
function blocksOf(nodes: readonly ChildNode[], text: string, depth: number, end: number): Block[] {
  const blocks: Block[] = [];
  let apart = false;
  let run: Block | undefined;
  const push = (block: Block) => {
    if (apart) block.apart = true;
    apart = false;
    blocks.push(block);
  };
  const endRun = () => {
    if (run && text.slice(run.start, run.end).trim() !== "") push(run);
    run = undefined;
  };
  for (const node of nodes) {
    const name = isTag(node) ? node.name : "";
    if (node.type === "comment" || node.type === "directive" || SKIPPED.has(name)) {
      endRun();
      apart = true;
    } else if (CONTAINERS.has(name) && depth < MAX_DEPTH) {
      endRun();
      for (const block of blocksOf((node as Element).children, text, depth + 1, endOf(node, end)))
        push(block);
    } else if (LEAVES.has(name)) {
      endRun();
      if (textOf(node as Element) !== "") push(leaf(node as Element, text, depth, endOf(node, end)));
    } else run = { start: run?.start ?? node.startIndex!, end: endOf(node, end) };
  }
  endRun();
  return blocks;
}

function leaf(element: Element, text: string, depth: number, end: number): Block {
  const block: Block = { start: element.startIndex!, end };
  const level = HEADING.exec(element.name)?.[1];
  if (level !== undefined) block.heading = { level: Number(level), title: textOf(element) };
  const parted = depth < MAX_DEPTH && element.children.some((child) => isTag(child) && isBlock(child.name));
  if (parted) block.divide = () => blocksOf(element.children, text, depth + 1, end);
  return block;
}

/** An element that another one closes ends, by htmlparser2, behind the tag that did it; or behind the text. */
const endOf = (node: ChildNode, parentEnd: number) =>
  Math.min(node.endIndex! + 1, node.next?.startIndex ?? parentEnd, parentEnd);

const isBlock = (name: string) => LEAVES.has(name) || CONTAINERS.has(name);

function textOf(element: Element): string {
  let text = "";
  const waiting: ChildNode[] = [element];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (node.type === "text") text += node.data;
    else if (hasChildren(node)) waiting.push(...[...node.children].reverse());
  }
  return text.replace(/\s+/g, " ").trim();
}
