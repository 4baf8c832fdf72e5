/** Text that stays text. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeXml } from "./escape-xml.ts";

const MARKS: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', "#39": "'" };

test("nothing that ends a text or an attribute is left, and a parser reads back what was written", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const escaped = escapeXml(text);
      expect(escaped).not.toMatch(/[<>"'\u0000-\u0008]/);
      const read = escaped.replace(/&([^;]*);/g, (_, name: string) => MARKS[name] ?? "?");
      expect(read).toBe(text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ""));
    }),
  );
});
