import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { visibleText } from "./visible-text.ts";

const seen = (content: string) => visibleText(content).text.replace(/\s+/g, " ").trim();

describe("visibleText", () => {
  test("tags, comments, scripts and styles go, entities are decoded", () => {
    expect(seen("<p>Волга &mdash; <b>река</b>&nbsp;Европы &amp; Азии</p>")).toBe(
      "Волга — река Европы & Азии",
    );
    expect(seen("a<!-- hidden --><script>alert('x')</script><style>p{}</style>b")).toBe("a b");
    expect(seen("<!DOCTYPE html><title>T</title><p>&#1040;&#x411;")).toBe("T АБ");
  });

  test("what only looks like markup stays", () => {
    for (const text of [
      "a < b > c",
      "Vec<String>",
      "5 <3",
      "x &unknown; y",
      "R&D; &#0;",
      "`<div>` tag",
      "<!-- open",
    ])
      expect(visibleText(text).text).toBe(text);
    expect(visibleText("```html\n<div>&amp;</div>\n```").text).toBe("```html\n<div>&amp;</div>\n```");
  });

  test("every character knows its place", () => {
    const content = "<i>Да</i> &amp; нет";
    const { text, behind } = visibleText(content);
    expect(text).toBe("Да & нет");
    const sourceOf = (start: number, end: number) =>
      content.slice(behind(start, end).start, behind(start, end).end);
    expect(sourceOf(0, 4)).toBe("Да</i> &amp;");
    expect([...text].map((_, i) => sourceOf(i, i + 1))).toEqual([..."Да ", "&amp;", ..." нет"]);
  });

  test("places are ordered and in bounds for any text", () => {
    const pieces = [
      "<p>",
      "</p>",
      "<script>",
      "</script",
      "<!--",
      "-->",
      "&lt;",
      "&",
      "<",
      ">",
      "`",
      "```",
      "\n",
      "а",
      " x",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (parts) => {
        const content = parts.join("");
        const { text, behind } = visibleText(content);
        let last = 0;
        for (let i = 0; i < text.length; i++) {
          const { start, end } = behind(i, i + 1);
          expect(start).toBeLessThan(end);
          expect(end).toBeLessThanOrEqual(content.length);
          expect(start).toBeGreaterThanOrEqual(last);
          // A character that is not what stands in the content stands for a tag or an entity.
          if (text[i] !== content.slice(start, end)) expect(content.slice(start, end)).toMatch(/^[<&]/);
          expect(behind(0, i + 1)).toEqual({ start: behind(0, 1).start, end });
          last = start;
        }
      }),
    );
  });

  test("stays linear on hostile markup", () => {
    const began = performance.now();
    for (const unit of ["<", "<b", "<!--", "<script>", "&", "&#", "`", "`` ", "<div>", "<div ", "</script"])
      visibleText(unit.repeat(5_000));
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
