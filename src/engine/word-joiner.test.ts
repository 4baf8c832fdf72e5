import fc from "fast-check";
import { expect, test } from "vitest";
import { breakSpellings, WORD_JOINER } from "./word-joiner.ts";

const SPELLINGS = ["<|im_start|>", "<|im_end|>", "<<", "<<SYS>>", "$&", "\n"];

test("no spelling is left that can be broken, and nothing else changes", () => {
  const piece = fc.oneof(fc.constantFrom(...SPELLINGS, "<", "|", "im_", "$"), fc.string());
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => pieces.join("")),
      (text) => {
        const broken = breakSpellings(text, SPELLINGS);
        for (const spelling of SPELLINGS.filter(({ length }) => length > 1))
          expect(broken).not.toContain(spelling);
        expect(broken.replaceAll(WORD_JOINER, "")).toBe(text.replaceAll(WORD_JOINER, ""));
        expect(breakSpellings(broken, SPELLINGS)).toBe(broken);
      },
    ),
  );
});
