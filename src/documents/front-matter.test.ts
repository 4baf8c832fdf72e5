import fc from "fast-check";
import { expect, test } from "vitest";
import { frontMatter } from "./front-matter.ts";

test.each([
  ["---\ntitle: Регламент отпусков\ntags: [кадры]\n---\nТекст", "Регламент отпусков"],
  ["---\r\nlayout: post\r\ntitle: 'A: b'\r\n---\r\nText", "A: b"],
  [
    '---\n# comment\n\nTitle: "Guide" # for all\ntags:\n- a\nmore:\n  - b\nnames: [\n  x,\n]\n...\nText',
    "Guide",
  ],
  ["---\ndate created: 2020-01-01\ntext: |\n  title: no\n\n  more\n---\n", null],
  ["---\ntitle: >\n  Long\n---\nText", null],
  ["---\ntitle:\n---", null],
])("%j is front matter", (text, title) => {
  const end = Math.max(text.lastIndexOf("\n---"), text.lastIndexOf("\n..."));
  const length = text.indexOf("\n", end + 1) + 1 || text.length;
  expect(frontMatter(text)).toEqual({ length, title });
});

test.each([
  "---\nВажное: пароль от сейфа у бухгалтера.\n\nВторой абзац.\n---\n",
  "---\n\n---\n",
  "---\n# Heading\n---\n",
  "---\n- item\n---\n",
  "---\ntitle: without an end\n",
  "---\nhttp://example.org\n---\n",
  "----\ntitle: x\n---\n",
  "\n---\ntitle: x\n---\n",
  "",
])("%j is text", (text) => {
  expect(frontMatter(text)).toEqual({ length: 0, title: null });
});

test("it ends behind a line, and is never taken from a text with a line of prose in it", () => {
  const line = fc.constantFrom(
    "key: value\n",
    "  more\n",
    "\n",
    "---\n",
    "- x\n",
    "Слово за словом.\n",
    "title: T\r\n",
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      const text = `---\n${lines.join("")}`;
      const { length } = frontMatter(text);
      expect(["---", ""]).toContain(text.slice(0, length).trimEnd().slice(-3));
      expect(text.slice(0, length)).not.toContain("Слово");
    }),
  );
});
