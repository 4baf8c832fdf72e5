/** What becomes of the parser's tree: whatever a model writes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseMarkdown } from "./parse-markdown.ts";
import { isExact, type TreeNode, textsOf } from "./tree.ts";

/** Of the marks that mean something, so that they meet. */
const hostile = fc
  .array(
    fc.constantFrom(
      ..."*_~`[]()<>!#|-+>\\\n\t ".split(""),
      ..."**,```,~~, - ,1. ,\n\n,  \n,> ,| a |,\n|-|\n,](http://a.b),](javascript:x),https://c.d/,Слово,word,& ,&amp;,![,\r\n,    ,\\*,<b>".split(
        ",",
      ),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(""));

/** A line ending within code is a space. */
const spaced = (text: string) => text.replace(/[\r\n]/g, " ");

const spell = (markdown: string) => [...textsOf(parseMarkdown(markdown))].map(({ value }) => value).join("");

function* nodesIn(node: TreeNode): Generator<TreeNode> {
  yield node;
  if ("children" in node) for (const child of node.children) yield* nodesIn(child);
}

const shapes = (markdown: string) => [...nodesIn(parseMarkdown(markdown))].map(({ type }) => type).slice(1);
const depth = (node: TreeNode): number =>
  "children" in node ? 1 + Math.max(0, ...node.children.map(depth)) : 1;

describe("on any input", () => {
  test("every text stands at its place, in order, none twice", () => {
    fc.assert(
      fc.property(hostile, (source) => {
        let last = 0;
        for (const node of textsOf(parseMarkdown(source))) {
          const { value, start, end } = node;
          if (start < 0) continue;
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          last = end;
          if (!isExact(node)) expect(source.slice(start, end)).toMatch(/[\\&`]|^!\[/);
          else expect(spaced(source.slice(start, end))).toBe(spaced(value));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("no word is lost but what a link leads to, and what stands behind a fence", () => {
    fc.assert(
      fc.property(hostile, (source) => {
        if (/http|```|~~~/.test(source)) return;
        const words = (text: string) => text.replace(/&amp;/g, "&").match(/\p{L}+/gu) ?? [];
        expect(words(spell(source)).join("")).toBe(words(source).join(""));
      }),
      { numRuns: 500 },
    );
  });

  test("links lead to http and https only, and never stand in each other", () => {
    fc.assert(
      fc.property(hostile, (source) => {
        for (const node of nodesIn(parseMarkdown(source)))
          if (node.type === "link") {
            expect(node.url).toMatch(/^https?:\/\//i);
            expect(
              node.children.flatMap((child) => [...nodesIn(child)]).some(({ type }) => type === "link"),
            ).toBe(false);
          }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ..."[ * ` | ~~ \\ ] ![ & < ![a] a&amp; [a][b] a|".split(" "),
    ...[
      "_a ",
      "*a_ ",
      "**a*",
      "> ",
      "- ",
      "1. ",
      "> - ",
      "**a ",
      "[a](",
      "a\n**b\n",
      " ",
      "\n- a",
      "\n| a |\n|-|",
    ],
  ])("fifty thousand characters of %j are read, and no deeper than people read", (mark) => {
    const source = mark.repeat(50_000 / mark.length);
    const tree = parseMarkdown(source);
    expect(depth(tree)).toBeLessThan(24);
    expect([...textsOf(tree)].at(-1)?.end ?? 0).toBeLessThanOrEqual(source.length);
  });

  test.each([
    "> a\n\n",
    "> ",
    "- - a\n\n",
    "1. 1. 1. a\n",
    "*a_ ",
    "[a](b (",
    "`a``",
    "a!\n",
    "a\n=\n",
    "\n\n=---\n---\n",
    "a\n\n",
    `${"*a_ ".repeat(999)}\n \u00a0 \n`,
  ])("what would take too long is shown as it is: %j again and again", (mark) => {
    const source = mark.repeat(50_000 / mark.length);
    expect(shapes(source)).toEqual(["plain", "text"]);
    expect(spell(source)).toBe(source);
  });

  test("a long answer of all that people write is read", () => {
    const section = `## Итоги

За год ледник потерял **3 %** объёма, и это больше, чем за *пять* лет: см. [отчёт](https://a.b/c) и https://d.e/f.

- Первое: \`npm install\`, и ещё несколько слов о том, как это сделать правильно.
- Второе: **ещё** одно предложение.
  - вложенное

1. Раз, два, три.
2. Четыре.

| год | м |
| --- | --- |
| 2020 | 12 |
| 2021 | 15 |

> Цитата из документа, длинная, как бывают цитаты.

\`\`\`js
const a = [1, 2, 3].map((n) => n * n);
\`\`\`

`;
    const source = section.repeat(50_000 / section.length);
    expect(shapes(source).filter((type) => type === "heading")).toHaveLength(
      Math.floor(50_000 / section.length),
    );
  });

  test("nesting that grows line by line is no deeper either", () => {
    const lines = (width: number, mark: string) =>
      Array.from({ length: 150 }, (_, i) => `${" ".repeat(width * i)}${mark}a`).join("\n");
    expect(depth(parseMarkdown(lines(2, "- ")))).toBeLessThan(24);
    expect(depth(parseMarkdown(lines(3, "1. ")))).toBeLessThan(24);
  });
});

describe("what is written is what is shown", () => {
  const only = (markdown: string) => parseMarkdown(markdown).children[0]!;

  test("emphasis", () => {
    expect(shapes("a **b** *c* `d`")).toEqual(
      "paragraph text strong text text emphasis text text inlineCode".split(" "),
    );
    expect(shapes("***both***")).toEqual(["paragraph", "emphasis", "strong", "text"]);
    expect(shapes("snake_case_name, 2 * 3 * 4, **open")).not.toContain("emphasis");
    expect(spell("snake_case_name, 2 * 3 * 4, **open")).toBe("snake_case_name, 2 * 3 * 4, **open");
    expect(spell("\\*plain\\*")).toBe("*plain*");
  });

  test("links; what leads elsewhere stays text", () => {
    expect(only("[a](https://b.c/d_(e))")).toMatchObject({
      children: [{ type: "link", url: "https://b.c/d_(e)", children: [{ value: "a" }] }],
    });
    expect(only("see https://b.c/d.")).toMatchObject({
      children: [{ value: "see " }, { type: "link", url: "https://b.c/d" }, { value: "." }],
    });
    expect(only("(https://b.c/d?e=1&amp;f\\_g) h")).toMatchObject({
      children: [{ value: "(" }, { type: "link", url: "https://b.c/d?e=1&f_g" }, { value: ") h" }],
    });
    for (const target of ["javascript:alert(1)", "data:text/html,x", "/v1/documents", "//a.b"]) {
      expect(shapes(`[a](${target})`)).toEqual(["paragraph", "text"]);
      expect(spell(`[a](${target})`)).toBe(`[a](${target})`);
    }
    // A link's address stands where it is read, not at the end of the answer.
    expect(spell("[1]: //a.b\n\n[1]")).toBe("[1]: //a.b[1]");
  });

  test("images are links", () => {
    expect(only("![a](https://b.c/d.png)")).toMatchObject({
      children: [{ type: "link", url: "https://b.c/d.png", children: [{ value: "a", start: 0, end: 23 }] }],
    });
    expect(only("[![a](https://b.c/d.png)](https://e.f)")).toMatchObject({
      children: [{ type: "link", url: "https://e.f", children: [{ type: "text", value: "a" }] }],
    });
    expect(spell("![a](data:image/png,x)")).toBe("![a](data:image/png,x)");
  });

  test("HTML is text", () => {
    for (const html of ["<img src=x onerror=alert(1)>", "<script>alert(1)</script>", "<!-- a -->"])
      expect(spell(html)).toBe(html);
    expect(spell("&lt;b&gt; &copy;")).toBe("<b> ©");
  });

  test("escapes, entities and line breaks leave every other letter at its place", () => {
    const source = "\ufeffa\\*b &amp; c  \n  d &lt;\r\n**e**\\\nf";
    const places = [...textsOf(parseMarkdown(source))].filter(({ start }) => start >= 0);
    expect(places.map(({ value, start, end }) => [value.trim(), source.slice(start, end).trim()])).toEqual([
      ["a", "a"],
      ["*", "\\*"],
      ["b", "b"],
      ["&", "&amp;"],
      ["c", "c"],
      ["d", "d"],
      ["<", "&lt;"],
      ["e", "e"],
      ["f", "f"],
    ]);
  });

  test("lists, nested and numbered", () => {
    expect(only("3. a\n   - b\n   - c\n4. d")).toMatchObject({
      type: "list",
      start: 3,
      children: [
        { children: [{ type: "paragraph" }, { type: "list", start: undefined, children: [{}, {}] }] },
        { children: [{ type: "paragraph" }] },
      ],
    });
    expect(shapes("It ended in\n1986. Then")).toEqual(["paragraph", "text"]);
  });

  test("fences keep what they hold, also when they do not end, and where it stands", () => {
    expect(spell("```js\na * b\n\n  <c>")).toBe("a * b\n\n  <c>");
    const source = "- a\n  ```js\n  b\n    c\n  ```\n\n> ~~~\n> d\n\n    e\n\n    f";
    for (const { value, start, end } of textsOf(parseMarkdown(source)))
      if (value !== "\n") expect(source.slice(start, end)).toBe(value);
    expect(spell(source)).toBe("ab\n  cde\n\nf");
  });

  test("tables", () => {
    expect(only("| a | b |\n|---|:-:|\n| 1 | `x\\|y` |\n| 2 |\n| 3 | 4 | 5 |")).toMatchObject({
      type: "table",
      children: [
        { children: [{ children: [{ value: "a" }] }, { children: [{ value: "b" }] }] },
        { children: [{ children: [{ value: "1" }] }, { children: [{ type: "inlineCode", value: "x|y" }] }] },
        { children: [{ children: [{ value: "2" }] }] },
        { children: [{}, {}, { children: [{ value: "5" }] }] },
      ],
    });
  });

  test("headings, quotes and rules", () => {
    expect(parseMarkdown("## a\n> b\n> c\n\n---\nd").children.map(({ type }) => type)).toEqual([
      "heading",
      "blockquote",
      "thematicBreak",
      "paragraph",
    ]);
  });
});
