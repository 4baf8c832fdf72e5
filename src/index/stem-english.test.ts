import fc from "fast-check";
import { newStemmer } from "snowball-stemmers";
import { expect, test } from "vitest";
import { stemEnglish } from "./stem-english.ts";

const oracle = newStemmer("english");

test("stems are those of snowball-stemmers: irregular words, and what begins or goes on as they do", () => {
  const irregular =
    "skis skies dying lying tying idly gently ugly early only singly andes atlas bias cosmos howe news sky " +
    "succeed proceed exceed canning inning earring herring outing general communism arsenal";
  for (const word of irregular.split(" "))
    for (const form of [word, `${word}s`, `${word}ed`, `${word}ing`, `${word}'s`, `un${word}`, word.slice(1)])
      expect(`${form}: ${stemEnglish(form)}`).toBe(`${form}: ${oracle.stem(form)}`);
});

test("stems are those of snowball-stemmers for any word made of beginnings and endings", () => {
  const parts =
    "gener commun arsen y yy a e i o u b d g t l s st bl at iz ing ed eed edly ingly eedly ly ' 's ' ational tional enci " +
    "anci abli entli izer ization ation ator alism aliti alli fulness ousli ousness iveness iviti biliti bli ogi logi " +
    "fulli lessli li icate ative alize iciti ical ful ness ance ence able ible ate ive ize iti ism ion sion tion ous ant " +
    "ement ment ent ic al er ll ied ies sses ss us w x k h z rr nn é 1";
  const word = fc.array(fc.constantFrom(...parts.split(" ")), { maxLength: 6 }).map((all) => all.join(""));
  fc.assert(
    fc.property(word, (made) => {
      expect(stemEnglish(made)).toBe(oracle.stem(made));
    }),
    { numRuns: 5000 },
  );
});
