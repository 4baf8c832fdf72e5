import fc from "fast-check";
import { expect, test } from "vitest";
import { latinSpellings } from "../../index/latin-spellings.ts";
import { areForms, type Term, terms } from "../../index/terms.ts";
import { rootsOf } from "./russian-roots.ts";
import { Similarities } from "./similarities.ts";
import { stemSimilarity } from "./stem-similarity.ts";

interface Wanted {
  word: string;
  stem: string;
  rare: boolean;
}

const wantedOf = (word: string, rare = false): Wanted => {
  const [{ word: own, stem } = terms("а")[0]!] = terms(word);
  return { word: own, stem, rare };
};

const similarity = (asked: string, told: string) =>
  new Similarities([wantedOf(asked)]).of(terms(told)[0]!)[0]?.[1] ?? 0;

/** Every way in which two words are alike, whatever they begin with. */
function expectedSimilarity(wanted: Wanted, term: Term): number {
  if (areForms(wanted, term)) return 1;
  if (latinSpellings(wanted)?.has(term)) return 0.9;
  const roots = rootsOf(term.stem);
  const root = rootsOf(wanted.stem).some((one) => roots.includes(one)) ? 0.6 : 0;
  return Math.max(root, stemSimilarity(wanted.stem, term.stem, { typos: wanted.rare }));
}

test("forms, the same in the other alphabet, the same root", () => {
  expect(similarity("ошибка", "ошибок")).toBe(1);
  expect(similarity("докером", "Docker")).toBe(0.9);
  expect(similarity("трейт", "traits")).toBe(0.9);
  expect(similarity("пояснение", "объясняет")).toBeLessThan(0.6);
  expect(similarity("пояснение", "объяснение")).toBe(0.6);
  expect(similarity("писать", "написать")).toBe(0.6);
  expect(similarity("докер", "сервер")).toBe(0);
  expect(similarity("жить", "git")).toBe(0);
  // Who asks in Latin letters has chosen them.
  expect(similarity("docker", "докер")).toBe(0);
});

test("what is passed over by its first letter resembles nothing", () => {
  const letters = fc.string({ unit: fc.constantFrom(..."абвёЙaby1й’"), minLength: 1, maxLength: 9 });
  const family = fc
    .tuple(fc.constantFrom("", "по", "об", "в", "о"), fc.constantFrom("бабай", "авбаб", "вайбов", "babay"))
    .map((parts) => parts.join(""));
  const word = fc.oneof(letters, family);
  const question = fc.array(
    fc.record({ word, rare: fc.boolean() }).map(({ word: one, rare }) => wantedOf(one, rare)),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(question, fc.array(word, { maxLength: 8 }), (wanted, words) => {
      const similarities = new Similarities(wanted);
      for (const term of terms(words.join(" "))) {
        const all = wanted.map((one, k) => [k, expectedSimilarity(one, term)]);
        const expected = all.filter(([, value]) => value! > 0);
        const found = () => [...similarities.of(term)].sort(([a], [b]) => a - b);
        expect(found()).toEqual(expected);
        // Remembered.
        expect(found()).toEqual(expected);
      }
    }),
    { numRuns: 500 },
  );
});
