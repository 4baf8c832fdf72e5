/** Where the marks of citations stand in an answer. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseMarkdown } from "./parse-markdown.ts";
import { placeCitations } from "./place-citations.ts";
import { isExact, isText, type ParentNode, type TreeNode, textsOf } from "./tree.ts";

const answer = fc
  .array(
    fc.constantFrom(
      "One. ",
      "Два 🌊. ",
      "**Bold** text. ",
      "- item\n",
      "\n\n",
      "`code` ",
      "A\\*b &amp; c. ",
      "```\nd. e.\n```\n",
      "[l](http://a.b) ",
      "\n| a | b |\n|--|--|\n| c | d |\n",
      ..."**;_;[;](http://a.b) ;![i](http://a.b/c.png) ;https://a.b/c ;`;\\;&;# ;> ;1. ;    ;\r\n;  \n;\n---\n".split(
        ";",
      ),
    ),
    { minLength: 1, maxLength: 16 },
  )
  .map((parts) => parts.join(""));

const cuts = fc.array(fc.nat(), { maxLength: 8 });

/** Sentences that follow each other, as the server gives them. */
function sentences(text: string, places: readonly number[]) {
  const at = [...new Set(places.map((n) => n % (text.length + 1)))].sort((a, b) => a - b);
  return at.slice(1).map((end, i) => ({ start: at[i]!, end }));
}

interface Leaf {
  node: TreeNode;
  isLinked: boolean;
}

function leaves(node: TreeNode, isLinked = false): Leaf[] {
  if (!("children" in node)) return [{ node, isLinked }];
  return node.children.flatMap((child) => leaves(child, isLinked || node.type === "link"));
}

const spelled = (tree: ParentNode) => [...textsOf(tree)].map(({ value }) => value).join("");

test("no letter changes, every citation has one mark, and marks come in the order of sentences", () => {
  fc.assert(
    fc.property(answer, cuts, (text, places) => {
      const citations = sentences(text, places);
      const tree = parseMarkdown(text);
      const placed = placeCitations(tree, citations);
      expect(spelled(placed)).toBe(spelled(tree));
      const marks = leaves(placed).flatMap(({ node }) => (node.type === "mark" ? [node] : []));
      if ([...textsOf(tree)].some(({ start }) => start >= 0))
        expect(marks.map(({ citation }) => citation)).toEqual(citations.map((_, i) => i));
    }),
    { numRuns: 500 },
  );
});

test("every piece belongs to the sentence that it lies in, and to no other", () => {
  fc.assert(
    fc.property(answer, cuts, (text, places) => {
      const citations = sentences(text, places);
      for (const node of textsOf(placeCitations(parseMarkdown(text), citations))) {
        if (node.start < 0) continue;
        const around = citations.findIndex(({ start, end }) => start <= node.start && node.end <= end);
        expect(node.citation ?? -1).toBe(around);
        if (!isExact(node)) continue;
        const isTouched = citations.some(({ start, end }) => node.start < end && start < node.end);
        expect(isTouched).toBe(around >= 0);
      }
    }),
    { numRuns: 500 },
  );
});

test("a mark stands behind all that comes before the end of its sentence, and before all else", () => {
  fc.assert(
    fc.property(answer, cuts, (text, places) => {
      const citations = sentences(text, places);
      const all = leaves(placeCitations(parseMarkdown(text), citations));
      for (const [at, { node: mark, isLinked }] of all.entries()) {
        if (mark.type !== "mark") continue;
        expect(isLinked).toBe(false);
        const { end } = citations[mark.citation]!;
        const placed = (some: Leaf[]) => some.filter(({ node }) => isText(node) && node.start >= 0);
        const isBefore = ({ node }: Leaf) => isText(node) && node.start < end;
        expect(placed(all.slice(at)).filter(isBefore)).toEqual([]);
        // A link is not parted by marks; and before the first word there is no place for one.
        const ahead = placed(all.slice(0, at)).filter((leaf) => !leaf.isLinked);
        if (ahead.some(isBefore)) expect(ahead.filter((leaf) => !isBefore(leaf))).toEqual([]);
      }
    }),
    { numRuns: 500 },
  );
});

test("citations that make no sense lose nothing", () => {
  const bounds = fc.record({
    start: fc.integer({ min: -5, max: 90 }),
    end: fc.integer({ min: -5, max: 90 }),
  });
  fc.assert(
    fc.property(answer, fc.array(bounds, { maxLength: 6 }), (text, citations) => {
      const tree = parseMarkdown(text);
      expect(spelled(placeCitations(tree, citations))).toBe(spelled(tree));
    }),
  );
});

test("marks are buttons, so they stand behind a link and not in it", () => {
  const [block] = placeCitations(parseMarkdown("See [a. b](http://c.d)."), [
    { start: 0, end: 7 },
    { start: 8, end: 23 },
  ]).children;
  expect(block).toMatchObject({
    children: [
      { value: "See " },
      { type: "link" },
      { type: "mark", citation: 0 },
      { value: "." },
      { type: "mark", citation: 1 },
    ],
  });
});
