/** What is shown of a source, and where the cited place is in it. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { readableText } from "./readable-text.ts";
import { pageAt, splitText, windowAround } from "./split-text.ts";

const texts = fc
  .array(fc.constantFrom("word ", "\n", "x".repeat(3000), "y".repeat(7000), "\n\n"), { maxLength: 20 })
  .map((parts) => parts.join(""));

test("sections are the text, whole and in order; every page with text is named once", () => {
  fc.assert(
    fc.property(texts, fc.array(fc.nat(), { maxLength: 6 }), (text, cuts) => {
      const starts = [0, ...cuts.map((n) => n % (text.length + 1)).sort((a, b) => a - b)];
      const sections = splitText(text, starts, { start: 0, end: text.length });
      expect(sections.map(({ start, end }) => text.slice(start, end)).join("")).toBe(text);
      const named = sections.flatMap(({ page, start }) => (page === undefined ? [] : [{ page, start }]));
      for (const { page, start } of named) expect(starts[page - 1]).toBe(start);
      const distinct = new Set(starts.filter((start) => start < text.length));
      expect(named.length).toBe(distinct.size);
    }),
  );
});

test("a window holds its place, and no more than its reach on both sides", () => {
  fc.assert(
    fc.property(
      fc.nat(5000),
      fc.nat(5000),
      fc.nat(100),
      fc.integer({ min: 1, max: 500 }),
      (length, at, size, reach) => {
        const text = "x".repeat(length);
        const start = Math.min(at, length);
        const end = Math.min(start + size, length);
        const window = windowAround(text, { start, end }, reach);
        expect(window.start).toBeLessThanOrEqual(start);
        expect(window.end).toBeGreaterThanOrEqual(end);
        expect(window.end - window.start).toBeLessThanOrEqual(Math.max(2 * reach, end - start + 2 * reach));
        const middle = splitText(text, null, window);
        expect(middle.map((section) => section.end - section.start).reduce((a, b) => a + b, 0)).toBe(
          window.end - window.start,
        );
      },
    ),
  );
});

test("the page of a place", () => {
  expect([0, 9, 10, 25, 99].map((place) => pageAt([0, 10, 20], place))).toEqual([1, 1, 2, 3, 3]);
});

test("a place in HTML is found in what people read", () => {
  const html = "<h1>Bakery</h1><p>The <b>oven</b> is &laquo;hot&raquo;.</p><script>no()</script><p>End</p>";
  const { text, shown } = readableText(html, "html");
  const start = html.indexOf("The");
  const place = shown({ start, end: html.indexOf("</p>") });
  expect(text.slice(place.start, place.end)).toBe("The oven is «hot».");
  expect(text).not.toContain("no()");
});

test("any place of any HTML lies in the text; other formats are as they are", () => {
  const pieces = fc.array(fc.constantFrom("<p>", "a ", "<b>", "&amp;", "<!--", "-->", "<", "б"), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(pieces, fc.nat(), fc.nat(), (parts, a, b) => {
      const html = parts.join("");
      const [start, end] = [a % (html.length + 1), b % (html.length + 1)].sort((x, y) => x - y) as [
        number,
        number,
      ];
      const { text, shown } = readableText(html, "html");
      const place = shown({ start, end });
      expect(place.start).toBeLessThanOrEqual(place.end);
      expect(place.end).toBeLessThanOrEqual(text.length);
      expect(readableText(html, "markdown").text).toBe(html);
    }),
  );
});
