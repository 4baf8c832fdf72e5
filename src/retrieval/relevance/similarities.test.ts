import fc from "fast-check";
import { expect, test } from "vitest";
import { areForms, terms } from "../../index/terms.ts";
import { Similarities } from "./similarities.ts";
import { stemSimilarity } from "./stem-similarity.ts";

test("what is passed over by its first letter resembles nothing", () => {
  const word = fc.string({ unit: fc.constantFrom(..."абвёЙaby1й’"), minLength: 1, maxLength: 9 });
  const question = fc.array(
    fc
      .record({ term: word.map((one) => terms(one)[0] ?? terms("а")[0]!), rare: fc.boolean() })
      .map(({ term, rare }) => ({ word: term.word, stem: term.stem, rare })),
    {
      maxLength: 6,
    },
  );
  fc.assert(
    fc.property(question, fc.array(word, { maxLength: 8 }), (wanted, words) => {
      const similarities = new Similarities(wanted);
      for (const term of terms(words.join(" "))) {
        const all = wanted.map((one, k) => [
          k,
          areForms(one, term) ? 1 : stemSimilarity(one.stem, term.stem, { typos: one.rare }),
        ]);
        const expected = all.filter(([, value]) => value! > 0);
        // Found, and remembered.
        expect(similarities.of(term)).toEqual(expected);
        expect(similarities.of(term)).toEqual(expected);
      }
    }),
  );
});
