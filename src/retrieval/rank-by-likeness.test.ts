import fc from "fast-check";
import { expect, test } from "vitest";
import { rankByLikeness } from "./rank-by-likeness.ts";
import { indexDocument } from "./relevance/support.ts";

const candidate = (content: string, relevance: number) => ({
  content,
  relevance,
  document: indexDocument({ docId: 0, title: null, content }),
});
type Candidate = ReturnType<typeof candidate>;

const order = (candidates: readonly Candidate[]) => rankByLikeness(candidates).map(({ content }) => content);

const PROTESTS = candidate("Протесты против тарифов: горожане объявили бойкот автобусам.", 0.6);
const BOYCOTT = candidate("Бойкот автобусам длился неделю, и горожане ходили пешком.", 0);
const GLACIER = candidate("Ледник Аккем отступает на двенадцать метров в год.", 0);
const BAKERY = candidate("Пекарня открывается в шесть утра.", 0);
const HARBOUR = candidate("The harbour office closes on Saturdays at noon.", 0);

test("what is like the first two comes before what is like nothing, wherever it stood", () => {
  const ranked = order([PROTESTS, GLACIER, BAKERY, HARBOUR, BOYCOTT]);
  expect(ranked.slice(0, 3)).toEqual([PROTESTS.content, GLACIER.content, BOYCOTT.content]);
});

test("what reads as an answer keeps its place among what is like the first", () => {
  const answer = candidate("Плату за проезд отменили в мае.", 0.3);
  expect(order([PROTESTS, GLACIER, BAKERY, answer, BOYCOTT])).toEqual(
    [PROTESTS, GLACIER, BOYCOTT, answer, BAKERY].map(({ content }) => content),
  );
});

test("nothing is lost or made; the first and what reads as an answer keep their places", () => {
  const texts = [PROTESTS, BOYCOTT, GLACIER, BAKERY, HARBOUR].map(({ content }) => content);
  // Texts without a telling word, too: they are like nothing.
  const some = fc.record({
    text: fc.constantFrom(...texts, "", "и", "the of"),
    relevance: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true })),
  });
  fc.assert(
    fc.property(fc.array(some), (made) => {
      const candidates = made.map(({ text, relevance }) => candidate(text, relevance));
      const ranked = rankByLikeness(candidates);
      expect(new Set(ranked)).toEqual(new Set(candidates));
      expect(ranked).toHaveLength(candidates.length);
      for (const [i, one] of candidates.entries())
        if (i === 0 || one.relevance >= 0.02) expect(ranked[i]).toBe(one);
    }),
    { numRuns: 200 },
  );
});
