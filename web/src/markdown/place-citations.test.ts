/** Where the marks of citations stand in an answer. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseMarkdown } from "./parse-markdown.ts";
import { placeCitations } from "./place-citations.ts";
import { isText, type ParentNode, type TreeNode, textsOf } from "./tree.ts";

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
    ),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(""));

const cuts = fc.array(fc.nat(), { maxLength: 8 });

/** Sentences that follow each other, as the server gives them. */
function sentences(text: string, places: readonly number[]) {
  const at = [...new Set(places.map((n) => n % (text.length + 1)))].sort((a, b) => a - b);
  return at.slice(1).map((end, i) => ({ start: at[i]!, end }));
}

const flat = (node: TreeNode): TreeNode[] => ("children" in node ? node.children.flatMap(flat) : [node]);

const spelled = (tree: ParentNode) => [...textsOf(tree)].map(({ value }) => value).join("");

test("no letter changes, every citation has one mark, and marks come in the order of sentences", () => {
  fc.assert(
    fc.property(answer, cuts, (text, places) => {
      const citations = sentences(text, places);
      const tree = parseMarkdown(text);
      const placed = placeCitations(tree, citations);
      expect(spelled(placed)).toBe(spelled(tree));
      const marks = flat(placed).filter((node) => node.type === "mark");
      if ([...textsOf(tree)].some(({ start }) => start >= 0))
        expect(marks.map(({ citation }) => citation)).toEqual(citations.map((_, i) => i));
    }),
    { numRuns: 500 },
  );
});

test("a piece belongs to the sentence that it lies in, and its mark comes behind it", () => {
  fc.assert(
    fc.property(answer, cuts, (text, places) => {
      const citations = sentences(text, places);
      const nodes = flat(placeCitations(parseMarkdown(text), citations));
      for (const [i, { start, end }] of citations.entries()) {
        const own = nodes.flatMap((node, at) => (isText(node) && node.citation === i ? [{ node, at }] : []));
        for (const { node } of own) {
          expect(node.start).toBeGreaterThanOrEqual(start);
          expect(node.end).toBeLessThanOrEqual(end);
        }
        const mark = nodes.findIndex((node) => node.type === "mark" && node.citation === i);
        if (own.length > 0) expect(mark).toBeGreaterThan(own.at(-1)!.at);
      }
    }),
    { numRuns: 300 },
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
