/** Data that would be markup, read back by a parser that is not ours. */
import fc from "fast-check";
import { Parser } from "htmlparser2";
import { expect, test } from "vitest";
import { HOSTILE } from "../../../../test/e2e/eval-report/hostile.ts";
import { embedJson } from "./embed-json.ts";
import { html } from "./html.ts";
import { revealHidden } from "./reveal-hidden.ts";

const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(...HOSTILE),
  fc.string({
    unit: fc.constantFrom(
      "<",
      ">",
      "/",
      "!",
      "-",
      '"',
      "'",
      "&",
      "script",
      "\u2028",
      "\ud800",
      "\u202e",
      " ",
    ),
  }),
);

/** Elements that open, all text, all attributes. */
function parse(markup: string): { elements: string[]; text: string; attributes: string[] } {
  const found = { elements: [] as string[], text: "", attributes: [] as string[] };
  const parser = new Parser({
    onopentag(name, attributes) {
      found.elements.push(name);
      found.attributes.push(...Object.values(attributes));
    },
    ontext(text) {
      found.text += text;
    },
  });
  parser.end(markup);
  return found;
}

test("whatever a value is, it stays text in contents and attributes", () => {
  fc.assert(
    fc.property(texts, texts, (content, attribute) => {
      const { markup } = html`<p title="${attribute}">${content}</p>`;
      const parsed = parse(markup);
      expect(parsed.elements).toEqual(["p"]);
      expect(parsed.text).toBe(revealHidden(content));
      expect(parsed.attributes).toEqual([revealHidden(attribute)]);
    }),
  );
});

test("data for the script neither end their element nor open another, and come back as they were", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ name: texts, list: fc.array(texts) })), (value) => {
      const { markup } = embedJson("data", value);
      expect(markup.slice(1, -"</script>".length)).not.toContain("<");
      const parsed = parse(markup);
      expect(parsed.elements).toEqual(["script"]);
      const shown = value.map(({ name, list }) => ({
        name: revealHidden(name),
        list: list.map(revealHidden),
      }));
      expect(JSON.parse(parsed.text)).toEqual(shown);
    }),
  );
});

test("nothing is nothing, lists are joined, markup stays markup", () => {
  expect(html`<b>${[1, null, false, undefined, html`<i>${"<"}</i>`, ["a", 0]]}</b>`.markup).toBe(
    "<b>1<i>&lt;</i>a0</b>",
  );
});

test("what cannot be seen is shown, what people write is left alone", () => {
  expect(revealHidden("a\u202eb\u2066\u0000\ud800\u0085")).toBe("a[U+202E]b[U+2066][U+0000][U+D800][U+0085]");
  const people = "Привет, 👩‍👩‍👧 שלום مرحبا\n\t«ёлка»\r\n";
  expect(revealHidden(people)).toBe(people);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const shown = revealHidden(text);
      expect(shown).not.toMatch(/\p{Surrogate}|[\u2028-\u202e\u2066-\u2069]/u);
      expect(revealHidden(shown)).toBe(shown);
    }),
  );
});
