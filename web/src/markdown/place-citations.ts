/**
 * The tree of an answer and its citations in, the same tree out with every text cut where sentences begin and end, and a
 * mark behind each sentence. Offsets count UTF-16 code units of the answer.
 */
import type { Citation } from "../api/wire.ts";
import {
  isExact,
  isText,
  type MarkNode,
  type ParentNode,
  part,
  type TextNode,
  type TreeNode,
  textsOf,
} from "./tree.ts";

type Bounds = Pick<Citation, "start" | "end">;

export function placeCitations(root: ParentNode, citations: readonly Bounds[]): ParentNode {
  const sorted = inOrder(citations);
  const marks = markPlaces([...textsOf(root)], sorted);
  let at = 0;

  function cut(node: TextNode): TextNode[] {
    if (node.start < 0) return [node];
    while (at < sorted.length && sorted[at]!.end <= node.start) at++;
    if (!isExact(node)) {
      const around = sorted[at];
      const isInside = around && around.start <= node.start && around.end >= node.end;
      return [isInside ? { ...node, citation: around.index } : node];
    }
    const parts: TextNode[] = [];
    let from = node.start;
    const add = (to: number, citation?: number) => {
      if (to <= from) return;
      const own = part(node, from - node.start, to - node.start);
      parts.push(citation === undefined ? own : { ...own, citation });
      from = to;
    };
    for (let i = at; i < sorted.length && sorted[i]!.start < node.end; i++) {
      const { start, end, index } = sorted[i]!;
      add(Math.min(start, node.end));
      add(Math.min(end, node.end), index);
    }
    add(node.end);
    return parts;
  }

  function marksBehind({ end }: TextNode): MarkNode[] {
    const own = marks.get(end) ?? [];
    marks.delete(end);
    return own.map((citation) => ({ type: "mark", citation }));
  }

  /** Marks behind links, not inside them: they are buttons. */
  function place(children: readonly TreeNode[], pending: TreeNode[] | undefined): TreeNode[] {
    const out: TreeNode[] = [];
    for (const child of children)
      if (isText(child))
        for (const piece of cut(child)) {
          out.push(piece);
          (pending ?? out).push(...marksBehind(piece));
        }
      else if (child.type === "link") {
        const own: TreeNode[] = [];
        out.push({ ...child, children: place(child.children, pending ?? own) }, ...own);
      } else if ("children" in child) out.push({ ...child, children: place(child.children, pending) });
      else out.push(child);
    return out;
  }

  return { ...root, children: place(root.children, undefined) };
}

/** Ascending, and none reaches into another. */
function inOrder(citations: readonly Bounds[]): (Bounds & { index: number })[] {
  let last = 0;
  return citations
    .map(({ start, end }, index) => ({ start, end, index }))
    .sort((a, b) => a.start - b.start)
    .map(({ start, end, index }) => {
      const from = Math.max(start, last);
      last = Math.max(end, from);
      return { start: from, end: last, index };
    });
}

/** By the end of the piece of text that each mark stands behind. */
function markPlaces(
  texts: readonly TextNode[],
  citations: readonly (Bounds & { index: number })[],
): Map<number, number[]> {
  const placed = texts.filter(({ start }) => start >= 0);
  const marks = new Map<number, number[]>();
  const put = (place: number, own: number[]) => marks.set(place, [...(marks.get(place) ?? []), ...own]);
  let next = 0;
  /** Before any text there is nothing to stand behind: they wait for the first place. */
  let waiting: number[] = [];
  for (const { end, index } of citations) {
    while (next < placed.length && placed[next]!.start < end) next++;
    waiting.push(index);
    if (next === 0) continue;
    const last = placed[next - 1]!;
    put(isExact(last) ? Math.min(end, last.end) : last.end, waiting);
    waiting = [];
  }
  if (waiting.length > 0 && placed.length > 0) put(placed[0]!.end, waiting);
  return marks;
}
