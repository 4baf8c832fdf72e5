/**
 * Blocks of an answer and its citations in, the same blocks out with every text cut where sentences begin and end, and a
 * mark behind each sentence. Offsets count UTF-16 code units of the answer.
 */
import type { Citation } from "../api/wire.ts";
import { type Block, type Inline, mapInlines, type TextNode, textsOf } from "./tree.ts";

type Bounds = Pick<Citation, "start" | "end">;

export function placeCitations(blocks: readonly Block[], citations: readonly Bounds[]): Block[] {
  const sorted = inOrder(citations);
  const marks = markPlaces(textsOf(blocks), sorted);
  let at = 0;

  function cut(node: TextNode): Inline[] {
    const parts: Inline[] = [];
    let from = node.start;
    const add = (to: number, citation?: number) => {
      if (to <= from) return;
      const text = node.text.slice(from - node.start, to - node.start);
      parts.push({
        kind: node.kind,
        text,
        start: from,
        end: to,
        ...(citation !== undefined && { citation }),
      });
      from = to;
    };
    while (at < sorted.length && sorted[at]!.end <= node.start) at++;
    for (let i = at; i < sorted.length && sorted[i]!.start < node.end; i++) {
      const { start, end, index } = sorted[i]!;
      add(Math.min(start, node.end));
      add(Math.min(end, node.end), index);
    }
    add(node.end);
    return parts;
  }

  /** Marks behind links, not inside them: they are buttons. */
  function place(children: Inline[], pending: Inline[] | undefined): Inline[] {
    const out: Inline[] = [];
    for (const child of children)
      if (child.kind === "text" || child.kind === "code") {
        const parts = child.start < 0 ? [child] : cut(child);
        for (const part of parts) {
          out.push(part);
          const key = part.kind === "text" || part.kind === "code" ? part.end : -1;
          for (const citation of marks.get(key) ?? []) (pending ?? out).push({ kind: "mark", citation });
          marks.delete(key);
        }
      } else if (child.kind === "link") {
        const own: Inline[] = [];
        out.push({ ...child, children: place(child.children, pending ?? own) }, ...own);
      } else if ("children" in child) out.push({ ...child, children: place(child.children, pending) });
      else out.push(child);
    return out;
  }

  return mapInlines(blocks, (children) => place(children, undefined));
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
    put(Math.min(end, placed[next - 1]!.end), waiting);
    waiting = [];
  }
  if (waiting.length > 0 && placed.length > 0) put(placed[0]!.end, waiting);
  return marks;
}
