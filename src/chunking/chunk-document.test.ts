import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../errors.ts";
import type { Document, TextFormat } from "../spec/document.ts";
import { MAX_DOCUMENT_CHARACTERS } from "../spec/grounding.ts";
import { chunkDocument } from "./chunk-document.ts";

const documentOf = (format: TextFormat, text: string, more: Partial<Document> = {}): Document => ({
  source: "/a.md",
  title: null,
  format,
  text,
  ...more,
});
const chunk = (format: TextFormat, text: string, more?: Partial<Document>) =>
  chunkDocument(documentOf(format, text, more));
const texts = (format: TextFormat, text: string) => chunk(format, text).map((piece) => piece.text);
const long = (word: string, characters: number) => `${word} `.repeat(characters / (word.length + 1)).trim();

const PIECES: Record<TextFormat, string[]> = {
  markdown: [
    "# A\n",
    "\n## Б\n",
    "- x\n  - y\n",
    "1. z\n",
    "\n```js\n",
    "```\n",
    "> q\n",
    "|a|b|\n|-|-|\n|1|2|\n",
    "---\n",
    "key: value\n",
    "[x]: http://a.example 'T'\n",
  ],
  html: [
    "<p>",
    "</p>",
    "<ul><li>",
    "<table><tr><td>",
    "<h2>Б</h2>",
    "<font>",
    "</font>",
    "<my-app>",
    "<form action=x>",
    "<input type=hidden value=x>",
    "<select><option>x</select>",
    "<h3><button>x</button></h3>",
    "<textarea>",
    "<script>x</script>",
    "<!-- c -->",
    "<",
    "</div>",
  ],
  code: ["function f() {\n", "}\n\n", "  x = 1;\n", "\n\n\n"],
  plain: ["\n\n", "Слово. ", "Word! "],
};
const FORMATS = Object.keys(PIECES) as TextFormat[];

const anyText = (format: TextFormat) =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom(...PIECES[format]),
        fc.string({ unit: "binary", maxLength: 30 }),
        fc.constantFrom(" \n", "\r\n", "\r", "слово ", "😀", "\0", "\t"),
        fc.integer({ min: 500, max: 5000 }).map((n) => "длинно ".repeat(n / 7)),
        fc.integer({ min: 3990, max: 4010 }).map((n) => "😀".repeat(n / 2)),
      ),
      { maxLength: 14 },
    )
    .map((pieces) => pieces.join(""));

describe.each(FORMATS)("%s", (format) => {
  test("chunks are stretches of the source, in order, within the limit, and never empty", () => {
    fc.assert(
      fc.property(anyText(format), (text) => {
        let last = 0;
        for (const piece of chunk(format, text)) {
          expect(text.slice(piece.start, piece.end)).toBe(piece.text);
          expect(piece.start).toBeGreaterThanOrEqual(last);
          expect(piece.text.trim()).not.toBe("");
          expect(piece.text.length).toBeLessThanOrEqual(MAX_DOCUMENT_CHARACTERS);
          expect(piece.text).not.toMatch(/^[\uDC00-\uDFFF]/);
          last = piece.end;
        }
      }),
    );
  });

  test("pages are never mixed", () => {
    fc.assert(
      fc.property(fc.array(anyText(format), { minLength: 1, maxLength: 4 }), (pages) => {
        const pageStarts = pages.map((_, i) => pages.slice(0, i).join("").length);
        const text = pages.join("");
        for (const { start, end, page } of chunk(format, text, { pageStarts })) {
          // Empty pages begin where the next one does.
          expect(start).toBeGreaterThanOrEqual(pageStarts[page! - 1]!);
          expect(end).toBeLessThanOrEqual(pageStarts[page!] ?? text.length);
        }
      }),
    );
  });
});

test.each(["plain", "code"] as const)("%s loses no word", (format) => {
  fc.assert(
    fc.property(anyText(format), (text) => {
      const kept = texts(format, text).join("").replace(/\s/g, "");
      expect(kept).toBe(text.replace(/\s/g, ""));
    }),
  );
});

describe("Markdown", () => {
  test("sections are apart, with the headings above as titles; front matter is left out", () => {
    const text =
      "---\ntitle: x\n---\n# Guide\n\n## [Install](a.md)\n\nRun *it*.\n\n### On Linux\n\nUse apt.\n\n## Use\n\nAsk.\n";
    expect(chunk("markdown", text, { title: "Guide" }).map(({ title, text }) => [title, text])).toEqual([
      ["Guide > Install", "# Guide\n\n## [Install](a.md)\n\nRun *it*."],
      ["Guide > Install > On Linux", "### On Linux\n\nUse apt."],
      ["Guide > Use", "## Use\n\nAsk."],
    ]);
  });

  test("a thematic break at the top begins no front matter", () => {
    const text = "---\nВажное: сейф у бухгалтера.\n\nВторой абзац.\n\n---\n\n# Дальше\nОстальное.";
    expect(texts("markdown", text)).toEqual([
      "Важное: сейф у бухгалтера.\n\nВторой абзац.",
      "# Дальше\nОстальное.",
    ]);
  });

  test("what links lead to is text", () => {
    const text = "See [it][1].\n\n[1]: https://a.example/zebra 'Zebra'\n[2]: b.md";
    expect(texts("markdown", text)).toEqual([text]);
  });

  test("no word of plain paragraphs, lists, quotes, link definitions and breaks is lost, whatever they begin with", () => {
    const piece = fc.constantFrom(
      "---\n",
      "слово\n",
      "слово: слово\n",
      "\n",
      "- слово\n",
      "> слово\n",
      "[слово]: слово\n",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = `---\nПервая строка.\n${pieces.join("")}`;
        const count = (of: string) => of.match(/слово|Первая/g)?.length;
        expect(count(texts("markdown", text).join("\n"))).toBe(count(text));
      }),
    );
  });

  test("tables and fences stay whole while they fit, and are divided by lines where they do not", () => {
    const fence = `\`\`\`\n${"let x = 1;\n\n".repeat(300)}\`\`\``;
    const pieces = texts("markdown", `${long("before", 1000)}\n\n${fence}\n\nAfter.`);
    expect(pieces.filter((piece) => piece.includes("let"))).toEqual([fence]);
    const table = `|a|b|\n|-|-|\n${"|one cell|another|\n".repeat(400)}`;
    for (const piece of texts("markdown", table)) expect(piece).toMatch(/^\|.*\|$/s);
  });

  test("a long list is divided between items", () => {
    const items = Array.from({ length: 40 }, (_, i) => `- ${i} ${long("item", 200)}`);
    for (const piece of texts("markdown", items.join("\n"))) expect(piece).toMatch(/^- \d+ .*item$/s);
  });

  test("one paragraph longer than the limit is divided between sentences", () => {
    const sentence = `${long("Слово", 300)}. `;
    for (const piece of texts("markdown", sentence.repeat(30))) expect(piece).toMatch(/^Слово.*\.$/);
  });
});

describe("HTML", () => {
  test("what nobody reads is in no chunk", () => {
    const text =
      "<html><head><title>T</title></head><body><nav>menu</nav><h1>A&amp;B</h1><p>One.</p><script>x()</script>" +
      "<div>Two <b>and</b> three.</div><!-- note --><ul><li>Four</li></ul></body></html>";
    expect(chunk("html", text).map(({ title, text }) => [title, text])).toEqual([
      ["A&B", "<h1>A&B</h1><p>One.</p>".replace("&", "&amp;")],
      ["A&B", "Two <b>and</b> three."],
      ["A&B", "<li>Four</li>"],
    ]);
  });

  test("a form's text is read, and what it is filled in by is not", () => {
    const state = `<input type="hidden" name="__VIEWSTATE" value="${"x".repeat(9000)}">`;
    const text =
      `<form>${state}<h1>График <button>Править</button></h1><p>Глава принимает по вторникам.</p>` +
      "<div>Отдел: <input name=q> третий<select><option>Первый</option></select></div><textarea>Письмо</textarea></form>";
    expect(chunk("html", text).map(({ title, text }) => [title, text])).toEqual([
      [
        "График",
        "<h1>График <button>Править</button></h1><p>Глава принимает по вторникам.</p><div>Отдел: <input name=q> третий",
      ],
    ]);
  });

  test.each(["font", "my-app", "a", "unknown"])("headings inside <%s> cut chunks and are titles", (name) => {
    const text = `<${name} size=2><${name}><h2>Дождь</h2><p>Идёт.</p><h2>Снег</h2>Тает.</${name}></${name}>`;
    expect(chunk("html", text).map(({ title, text }) => [title, text])).toEqual([
      ["Дождь", "<h2>Дождь</h2><p>Идёт.</p>"],
      ["Снег", "<h2>Снег</h2>Тает."],
    ]);
  });

  test("a page of programs, empty marks and space has no chunks", () => {
    for (const inside of [
      "<div id=root></div>",
      "<app-root></app-root>",
      "<img src=a.png>&nbsp;",
      "<p> </p>",
    ])
      expect(texts("html", `<head><title>App</title></head><body>${inside}<script>x()</script>`)).toEqual([]);
  });

  test("every word that is read is in a chunk, and no other one", () => {
    const names = "div form font my-app a b span p ul li table tr td h2 blockquote fieldset center u".split(
      " ",
    );
    const hidden = "script style select textarea button nav template".split(" ");
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom(" слово ", "&nbsp;", "<br>", "<input>"),
        fc.constantFrom(...hidden).map((name) => `<div><${name}>скрыто</${name}></div>`),
        fc
          .tuple(fc.constantFrom(...names), fc.array(tie("tree"), { maxLength: 4 }))
          .map(([name, inside]) => `<${name}>${inside.join("")}</${name}>`),
      ),
    }));
    fc.assert(
      fc.property(tree, (tree) => {
        let words = 0;
        const text = tree.replaceAll("слово", () => `слово${++words}.`);
        const kept =
          texts("html", text)
            .join("")
            .match(/слово\d+/g) ?? [];
        expect(kept.map((word) => Number(word.slice(5)))).toEqual(
          Array.from({ length: words }, (_, i) => i + 1),
        );
      }),
    );
  });

  test("a long table is divided between rows", () => {
    const text = `<table>${"<tr><td>cell</td><td>other</td></tr>".repeat(300)}</table>`;
    for (const piece of texts("html", text)) expect(piece).toMatch(/^<tr>.*<\/tr>$/);
  });

  test("a word without end is cut in a time that its length bounds", () => {
    const text = "ж".repeat(16_000_000);
    expect(texts("plain", text).join("")).toBe(text);
  });

  test("nesting without end is no trouble", () => {
    expect(texts("html", `${"<div>".repeat(20_000)}deep`).join("")).toContain("deep");
    expect(texts("html", `${"<p><b>".repeat(10_000)}deep`).join("")).toContain("deep");
    expect(() => texts("html", "<div>".repeat(1_000_000))).toThrow(InputError);
    expect(texts("markdown", `${"> ".repeat(5_000)}deep`).join("")).toContain("deep");
  });
});
