import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GeneratedToken } from "../spec/language-model.ts";
import { relevanceOfDocuments } from "./relevance-of-documents.ts";
import { spellSelection } from "./selection-text.ts";

/** A model is a probability for every subset of the ids; it spells them with its longest tokens. */
interface Model {
  ids: number[];
  selections: { picked: number[]; text: string; tokens: string[]; probability: number }[];
}

const SINGLE_DECISIONS = [
  '{"relevant_doc_ids": [',
  "]}",
  ", ",
  ...[0, 1, 2, 3, 4, 5].flatMap((i) => [`${i}`, `, ${i}`]),
];

describe("by hand", () => {
  const head = token('{"relevant_doc_ids":', [[1, '{"relevant_doc_ids":']]);

  test("one token a decision", () => {
    const tokens = [
      head,
      token(" [", [
        [0.7, " ["],
        [0.3, " []}"],
      ]),
      token("1", [
        [0.6, "1"],
        [0.2, "0"],
        [0.1, "x"],
      ]),
      token("]}", [
        [0.75, "]}"],
        [0.25, ", 2"],
      ]),
    ];
    const relevance = relevanceOfDocuments(tokens, [0, 1, 2], [1]);
    // q(0) : q(1) : q(close) = 0.7 * 0.2 : 0.7 * 0.6 : 0.3; "x" spells nothing.
    expect(relevance.get(0)).toBeCloseTo(0.14 / 0.86, 12);
    expect(relevance.get(1)).toBeCloseTo(0.42 / 0.72, 12);
    expect(relevance.get(2)).toBeCloseTo(0.25, 12);
  });

  test("a whole reply in one token", () => {
    const tokens = [
      head,
      token(" [0]}", [
        [0.5, " [0]}"],
        [0.3, " [0"],
        [0.2, " []}"],
      ]),
    ];
    const relevance = relevanceOfDocuments(tokens, [0, 1], [0]);
    expect(relevance.get(0)).toBeCloseTo(0.8, 12);
    expect(relevance.get(1)).toBeCloseTo(0.3 / 0.8, 12);
  });

  test("an alternative that only opens the list is shared by all documents", () => {
    const tokens = [
      head,
      token(" []}", [
        [0.6, " []}"],
        [0.4, " ["],
      ]),
    ];
    const relevance = relevanceOfDocuments(tokens, [0, 1], []);
    expect(relevance.get(0)).toBeCloseTo(0.2, 12);
    expect(relevance.get(1)).toBeCloseTo(0.2 / 0.8, 12);
  });

  test("a token that the grammar forced, and control tokens, count as they are reported", () => {
    const forced = { text: " [", logprob: Math.log(0.01), top: [{ text: "", logprob: Math.log(0.9) }] };
    const tokens = [
      head,
      forced,
      token("0", [
        [0.5, "0"],
        [0.5, "]}"],
      ]),
    ];
    expect(relevanceOfDocuments(tokens, [0], [0]).get(0)).toBeCloseTo(0.5, 12);
  });

  test("without log-probabilities: 1 for the chosen, 0 for the others", () => {
    const told = new Map([
      [0, 0],
      [1, 1],
    ]);
    expect(relevanceOfDocuments([], [0, 1], [1])).toEqual(told);
    expect(relevanceOfDocuments([token("Вот: ", []), head], [0, 1], [1])).toEqual(told);
  });
});

describe("against every selection counted", () => {
  const everyId = (spell: (id: number) => string) => [0, 1, 2, 3, 4].map(spell);
  /** Tokens come for all ids alike: one that only some ids have would hide the others, and no reading can help. */
  const words = fc.constantFrom(
    ...[" [", "[]", "]}", "[]}", " []}", ", ", '":'].map((word) => [word]),
    ...[everyId((id) => `[${id}`), everyId((id) => `${id},`), everyId((id) => `, ${id}`)],
    ...[everyId((id) => ` ${id}`), everyId((id) => `${id}]`)],
  );
  const vocabulary = fc.oneof(
    fc.constant(SINGLE_DECISIONS),
    fc.array(words, { maxLength: 6 }).map((groups) => groups.flat()),
  );
  const model = fc
    .tuple(
      fc.integer({ min: 1, max: 5 }),
      vocabulary,
      fc.array(fc.nat({ max: 1000 }), { minLength: 32, maxLength: 32 }),
    )
    .map(([n, tokens, weights]) => makeModel(n, tokens, weights));

  test("documents up to the last chosen one: exact; after it: exact together", () => {
    fc.assert(
      fc.property(model, (given) => {
        const { picked, tokens } = greedy(given);
        const relevance = relevanceOfDocuments(tokens, given.ids, picked);
        const last = picked.at(-1) ?? -1;
        for (const id of given.ids.filter((i) => i <= last))
          expect(relevance.get(id)).toBeCloseTo(conditional(given, picked, id), 9);
        const none = given.ids.filter((i) => i > last).reduce((p, id) => p * (1 - relevance.get(id)!), 1);
        expect(none).toBeCloseTo(closing(given, picked), 9);
      }),
    );
  });

  test("one token a decision: exact for all", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(weights, (drawn) => {
        const given = makeModel(5, SINGLE_DECISIONS, drawn);
        const { picked, tokens } = greedy(given);
        const relevance = relevanceOfDocuments(tokens, given.ids, picked);
        for (const id of given.ids) expect(relevance.get(id)).toBeCloseTo(conditional(given, picked, id), 9);
      }),
    );
  });
});

function token(text: string, top: [number, string][]): GeneratedToken {
  const reported = top.map(([probability, spelled]) => ({ text: spelled, logprob: Math.log(probability) }));
  return { text, logprob: reported.find((t) => t.text === text)?.logprob ?? 0, top: reported };
}

function makeModel(count: number, words: readonly string[], weights: readonly number[]): Model {
  const ids = Array.from({ length: count }, (_, i) => i);
  const total = weights.slice(0, 2 ** count).reduce((a, b) => a + b + 1, 0);
  const selections = weights.slice(0, 2 ** count).map((weight, bits) => {
    const picked = ids.filter((i) => (bits >> i) & 1);
    const text = spellSelection(picked);
    return { picked, text, tokens: tokenize(text, words), probability: (weight + 1) / total };
  });
  return { ids, selections };
}

function tokenize(text: string, words: readonly string[]): string[] {
  const tokens: string[] = [];
  for (let at = 0; at < text.length; ) {
    const fitting = words.filter((word) => text.startsWith(word, at)).sort((a, b) => b.length - a.length);
    const next = fitting[0] ?? text[at]!;
    tokens.push(next);
    at += next.length;
  }
  return tokens;
}

/** Greedy decoding of the tokens, each with all alternatives. */
function greedy(model: Model): { picked: number[]; tokens: GeneratedToken[] } {
  let alive = model.selections;
  const tokens: GeneratedToken[] = [];
  for (let at = 0; alive.length > 1 || at < alive[0]!.tokens.length; at++) {
    const total = mass(alive);
    const next = [...new Set(alive.map((s) => s.tokens[at]!))]
      .map((text) => ({ text, logprob: Math.log(mass(alive.filter((s) => s.tokens[at] === text)) / total) }))
      .sort((a, b) => b.logprob - a.logprob);
    tokens.push({ ...next[0]!, top: next });
    alive = alive.filter((s) => s.tokens[at] === next[0]!.text);
  }
  return { picked: alive[0]!.picked, tokens };
}

/** P(id is selected | the documents before it are as they were decided). */
function conditional(model: Model, picked: readonly number[], id: number): number {
  const before = (set: readonly number[]) => set.filter((i) => i < id).join();
  const agreeing = model.selections.filter((s) => before(s.picked) === before(picked));
  return mass(agreeing.filter((s) => s.picked.includes(id))) / mass(agreeing);
}

/** P(nothing after the last chosen document | the chosen ones). */
function closing(model: Model, picked: readonly number[]): number {
  const begun = model.selections.filter((s) => picked.every((id, i) => s.picked[i] === id));
  return mass(begun.filter((s) => s.picked.length === picked.length)) / mass(begun);
}

function mass(selections: readonly { probability: number }[]): number {
  return selections.reduce((total, s) => total + s.probability, 0);
}
