/**
 * HTML in, blocks out: headings, paragraphs, list items, tables, and runs of text between them, by htmlparser2.
 * Scripts, styles, navigation, the head and what a form is filled in by are left out.
 */
import {
  type ChildNode,
  type Document,
  DomHandler,
  type Element,
  hasChildren,
  isTag,
  type ParentNode,
} from "domhandler";
import { Parser } from "htmlparser2";
import { InputError } from "../errors.ts";
import type { Block } from "./block.ts";

const SKIPPED = new Set(
  (
    "head title script style template noscript nav svg iframe object canvas button select textarea datalist " +
    "optgroup option"
  ).split(" "),
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
    "form hgroup search"
  ).split(" "),
);
const HEADING = /^h([1-6])$/;

/** Deeper nesting than any page has: from there on the text is divided as it stands. */
const MAX_DEPTH = 256;

/** Threat: the parser takes a time of the square of it, a minute for three megabytes of `<div>`. */
const MAX_OPEN = 20_000;

/** Throws InputError where more elements than any page has are open at once. */
export function htmlBlocks(text: string): Block[] {
  const root = parse(text);
  return blocksOf(root.children, wrappersIn(root), 0, text.length);
}

function parse(text: string): Document {
  const handler = new BoundedHandler(undefined, { withStartIndices: true, withEndIndices: true });
  new Parser(handler).end(text);
  return handler.root;
}

class BoundedHandler extends DomHandler {
  override onopentag(name: string, attribs: { [name: string]: string }): void {
    if (this.tagStack.length > MAX_OPEN)
      throw new InputError(`it nests its elements more than ${MAX_OPEN} deep`);
    super.onopentag(name, attribs);
  }
}

/** What has blocks inside it, whatever it is: `<font>` around all of an old page, `<my-app>` around a new one. */
type Wrappers = ReadonlySet<ParentNode>;

function wrappersIn(root: ParentNode): Wrappers {
  const wrappers = new Set<ParentNode>();
  const waiting: ChildNode[] = [...root.children];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (!hasChildren(node)) continue;
    if (isTag(node) && isBlock(node.name))
      // Each is marked once: above one that is marked, all are.
      for (let above = node.parent; above && !wrappers.has(above); above = above.parent) wrappers.add(above);
    for (const child of node.children) waiting.push(child);
  }
  return wrappers;
}

/** Of siblings, which end before `end`. */
function blocksOf(nodes: readonly ChildNode[], wrappers: Wrappers, depth: number, end: number): Block[] {
  const blocks: Block[] = [];
  let apart = false;
  let run: (Block & { readable: boolean }) | undefined;
  const push = (block: Block) => {
    if (apart) block.apart = true;
    apart = false;
    blocks.push(block);
  };
  const endRun = () => {
    if (run?.readable) push({ start: run.start, end: run.end });
    run = undefined;
  };
  for (const node of nodes) {
    const name = isTag(node) ? node.name : "";
    if (node.type === "comment" || node.type === "directive" || isSkipped(node)) {
      endRun();
      apart = true;
    } else if (LEAVES.has(name)) {
      endRun();
      if (textOf(node) !== "") push(leaf(node as Element, wrappers, depth, endOf(node, end)));
    } else if (isTag(node) && (CONTAINERS.has(name) || wrappers.has(node)) && depth < MAX_DEPTH) {
      endRun();
      for (const block of blocksOf(node.children, wrappers, depth + 1, endOf(node, end))) push(block);
    } else {
      const readable = run?.readable || textOf(node) !== "";
      run = { start: run?.start ?? node.startIndex!, end: endOf(node, end), readable };
    }
  }
  endRun();
  return blocks;
}

function leaf(element: Element, wrappers: Wrappers, depth: number, end: number): Block {
  const block: Block = { start: element.startIndex!, end };
  const level = HEADING.exec(element.name)?.[1];
  if (level !== undefined) block.heading = { level: Number(level), title: textOf(element) };
  if (depth < MAX_DEPTH && wrappers.has(element))
    block.divide = () => blocksOf(element.children, wrappers, depth + 1, end);
  return block;
}

/** An element that another one closes ends, by htmlparser2, behind the tag that did it; or behind the text. */
const endOf = (node: ChildNode, parentEnd: number) =>
  Math.min(node.endIndex! + 1, node.next?.startIndex ?? parentEnd, parentEnd);

/** A hidden field may hold more than its page does: the state of the server's program. */
const isSkipped = (node: ChildNode) =>
  isTag(node) &&
  (SKIPPED.has(node.name) || (node.name === "input" && node.attribs.type?.toLowerCase() === "hidden"));

const isBlock = (name: string) => LEAVES.has(name) || CONTAINERS.has(name);

/** What of it is read. */
function textOf(top: ChildNode): string {
  let text = "";
  const waiting = [top];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (node.type === "text") text += node.data;
    else if (hasChildren(node) && !isSkipped(node))
      for (const child of [...node.children].reverse()) waiting.push(child);
  }
  return text.replace(/\s+/g, " ").trim();
}
