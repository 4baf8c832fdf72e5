/** Bare addresses among the texts of a paragraph become links, also those that have an escape or an entity within. */
import { part, type TextNode, type TreeNode } from "./tree.ts";

const ADDRESS = /(?<![\p{L}\p{N}])https?:\/\/(?=[\p{L}\p{N}])[^\s<>()[\]"'«»`*]{1,2000}/giu;

export function linkAddresses(nodes: readonly TreeNode[]): TreeNode[] {
  const out: TreeNode[] = [];
  let texts: TextNode[] = [];
  for (const node of [...nodes, undefined])
    if (node?.type === "text") texts.push(node);
    else {
      out.push(...linked(texts));
      texts = [];
      if (node) out.push(node);
    }
  return out;
}

function linked(texts: readonly TextNode[]): TreeNode[] {
  const whole = texts.map(({ value }) => value).join("");
  const out: TreeNode[] = [];
  /** Up to where it is taken: in the whole, and in the text at `next`. */
  let [done, next, within] = [0, 0, 0];
  const take = (to: number): TextNode[] => {
    const taken: TextNode[] = [];
    while (done < to) {
      const { value } = texts[next]!;
      const end = Math.min(value.length, within + to - done);
      taken.push(part(texts[next]!, within, end));
      done += end - within;
      within = end;
      if (end < value.length) continue;
      next++;
      within = 0;
    }
    return taken;
  };
  for (const { 0: match, index } of whole.matchAll(ADDRESS)) {
    const url = match.replace(/[.,;:!?…]{1,20}$/, "");
    out.push(...take(index), { type: "link", url, children: take(index + url.length) });
  }
  return [...out, ...take(whole.length)];
}
