/** The renderer's parser: whatever a model writes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseMarkdown } from "./parse-markdown.ts";
import { type Block, type Inline, mapInlines, textsOf } from "./tree.ts";

/** Of the marks that mean something, so that they meet. */
const hostile = fc
  .array(
    fc.constantFrom(
      ..."*_~`[]()<>!#|-+>\\\n\t ".split(""),
      ..."**,```,~~, - ,1. ,\n\n,  \n,> ,| a |,\n|-|\n,](http://a.b),](javascript:x),https://c.d/,Слово,word,& ".split(
        ",",
      ),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(""));

function inlinesOf(blocks: readonly Block[]): Inline[] {
  const all: Inline[] = [];
  const visit = (children: Inline[]): Inline[] => {
    for (const child of children) {
      all.push(child);
      if ("children" in child) visit(child.children);
    }
    return children;
  };
  mapInlines(blocks, visit);
  return all;
}

const spell = (markdown: string) =>
  textsOf(parseMarkdown(markdown))
    .map(({ text }) => text)
    .join("");

describe("on any input", () => {
  test("every text stands at its place, in order, none twice", () => {
    fc.assert(
      fc.property(hostile, (source) => {
        let last = 0;
        for (const { text, start, end } of textsOf(parseMarkdown(source))) {
          if (start < 0) continue;
          expect(source.slice(start, end)).toBe(text);
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          last = end;
        }
      }),
      { numRuns: 500 },
    );
  });

  test("no word is lost but what a link leads to, and what stands behind a fence", () => {
    fc.assert(
      fc.property(hostile, (source) => {
        if (/http|```|~~~/.test(source)) return;
        const words = (text: string) => text.match(/\p{L}+/gu) ?? [];
        expect(words(spell(source)).join("")).toBe(words(source).join(""));
      }),
      { numRuns: 300 },
    );
  });

  test("links lead to http and https only, and never stand in each other", () => {
    fc.assert(
      fc.property(hostile, (source) => {
        for (const node of inlinesOf(parseMarkdown(source)))
          if (node.kind === "link") {
            expect(node.href).toMatch(/^https?:\/\//i);
            const inside = inlinesOf([{ kind: "paragraph", children: node.children }]);
            expect(inside.some(({ kind }) => kind === "link")).toBe(false);
          }
      }),
      { numRuns: 300 },
    );
  });

  test.each(["[", "*", "_a ", "`", "> ", "- ", "|", "**a ", "[a](", "~~", "\\", "1. ", "a\n**b\n", " "])(
    "thirty thousand times %j is read, and no deeper than people read",
    (mark) => {
      const blocks = parseMarkdown(mark.repeat(30_000));
      expect(JSON.stringify(blocks).length).toBeGreaterThan(0);
    },
  );
});

describe("what is written is what is shown", () => {
  const only = (markdown: string) => parseMarkdown(markdown)[0]!;
  const shapes = (markdown: string) => inlinesOf(parseMarkdown(markdown)).map(({ kind }) => kind);

  test("emphasis", () => {
    expect(shapes("a **b** *c* `d` ~~e~~")).toEqual(
      "text strong text text emphasis text text code text strike text".split(" "),
    );
    expect(shapes("***both***")).toEqual(["strong", "emphasis", "text"]);
    expect(shapes("snake_case_name, 2 * 3 * 4, **open")).not.toContain("emphasis");
    expect(spell("snake_case_name, 2 * 3 * 4, **open")).toBe("snake_case_name, 2 * 3 * 4, **open");
    expect(spell("\\*plain\\*")).toBe("*plain*");
  });

  test("links; what leads elsewhere stays text", () => {
    expect(only("[a](https://b.c/d_(e))")).toMatchObject({
      children: [{ kind: "link", href: "https://b.c/d_(e)", children: [{ text: "a" }] }],
    });
    expect(only("see https://b.c/d.")).toMatchObject({
      children: [{ text: "see " }, { kind: "link", href: "https://b.c/d" }, { text: "." }],
    });
    for (const target of ["javascript:alert(1)", "data:text/html,x", "/v1/documents", "//a.b"])
      expect(shapes(`[a](${target})`)).not.toContain("link");
  });

  test("HTML is text", () =>
    expect(spell("<img src=x onerror=alert(1)>")).toBe("<img src=x onerror=alert(1)>"));

  test("lists, nested and numbered", () => {
    expect(only("3. a\n   - b\n   - c\n4. d")).toMatchObject({
      kind: "list",
      first: 3,
      items: [
        [{ kind: "paragraph" }, { kind: "list", first: undefined, items: [{}, {}] }],
        [{ kind: "paragraph" }],
      ],
    });
    expect(parseMarkdown("It ended in\n1986. Then").map(({ kind }) => kind)).toEqual(["paragraph"]);
  });

  test("fences keep what they hold, also when they do not end", () => {
    expect(spell("```js\na * b\n\n  <c>")).toBe("a * b\n\n  <c>");
  });

  test("tables", () => {
    expect(only("| a | b |\n|---|:-:|\n| 1 | `x|y` |\n| 2 |")).toMatchObject({
      kind: "table",
      head: [[{ text: "a" }], [{ text: "b" }]],
      rows: [
        [[{ text: "1" }], [{ text: "`x" }], [{ text: "y`" }]],
        [[{ text: "2" }], []],
      ],
    });
  });

  test("headings, quotes and rules", () => {
    expect(parseMarkdown("## a\n> b\n> c\n\n---\nd").map(({ kind }) => kind)).toEqual([
      "heading",
      "quote",
      "rule",
      "paragraph",
    ]);
  });
});
