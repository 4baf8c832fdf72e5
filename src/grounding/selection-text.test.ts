import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VikhrError } from "../errors.ts";
import { parseSelection, relevantIdsGrammar, spellSelection } from "./selection-text.ts";

const idSets = fc.uniqueArray(fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 100_000 })), { maxLength: 6 });

describe("the grammar", () => {
  test("admits exactly the subsets, ascending", () => {
    for (const ids of [[], [0], [0, 1, 2, 3, 4, 5], [3, 12, 120], [1, 11, 111, 1111]])
      expect(texts(relevantIdsGrammar(ids)).sort()).toEqual(subsets(ids).map(spellSelection).sort());
  });

  test("whatever the ids and their order", () => {
    fc.assert(
      fc.property(idSets, (ids) => {
        const sorted = [...ids].sort((a, b) => a - b);
        expect(texts(relevantIdsGrammar(ids)).sort()).toEqual(subsets(sorted).map(spellSelection).sort());
      }),
      { numRuns: 30 },
    );
  });

  test("grows by the same few characters for every id", () => {
    const size = (n: number) => relevantIdsGrammar(Array.from({ length: n }, (_, i) => 100 + i)).length;
    expect(size(400) - size(300)).toBe(size(300) - size(200));
  });
});

describe("parsing", () => {
  test("reads its own spelling back", () => {
    fc.assert(
      fc.property(idSets, fc.nat(), (ids, bits) => {
        const picked = [...ids].sort((a, b) => a - b).filter((_, i) => (bits >> i) & 1);
        expect(parseSelection(spellSelection(picked), ids)).toEqual(picked);
      }),
    );
  });

  test("sorts, drops repeats, and passes over other text", () => {
    expect(parseSelection('{"relevant_doc_ids":[2,0 ,2]}', [0, 1, 2])).toEqual([0, 2]);
    expect(parseSelection('```json\n{ "relevant_doc_ids": [ ] }\n```\nНичего нет.', [0])).toEqual([]);
    expect(parseSelection('{"relevant_doc_ids": [1]}{"relevant_doc_ids": [0]}', [0, 1])).toEqual([1]);
  });

  test("refuses everything else, and shows an excerpt", () => {
    const replies = [
      "",
      "[0]",
      "Документы 0 и 1",
      '{"relevant_doc_ids": [0',
      '{"relevant_doc_ids": [0,]}',
      '{"relevant_doc_ids": ["0"]}',
      '{"relevant_doc_ids": [[0]]}',
      '{"relevant_doc_ids": [0.5]}',
      '{"relevant_doc_ids": [null]}',
      '{"relevant_doc_ids": 0}',
      '{"relevant_doc_ids": [7]}',
      '{"relevant_doc_ids": [-0.0, 1e9]}',
    ];
    for (const reply of replies) expect(() => parseSelection(reply, [0, 1]), reply).toThrow(VikhrError);
    expect(() => parseSelection("Не знаю\n".repeat(1000), [0])).toThrow(/"Не знаю\\n.{1,200}\.\.\./);
    expect(() => parseSelection('{"relevant_doc_ids": [7]}', [0, 1])).toThrow("not among 0, 1");
  });

  test("any text at all gives supplied ids or a VikhrError, soon", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      '"relevant_doc_ids"',
      ":",
      "0",
      "1",
      ",",
      " ",
      "é",
      '{"relevant_doc_ids":[',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        try {
          for (const id of parseSelection(parts.join(""), [0, 1])) expect([0, 1]).toContain(id);
        } catch (error) {
          expect(error).toBeInstanceOf(VikhrError);
        }
      }),
    );
    const start = performance.now();
    expect(() => parseSelection('{"relevant_doc_ids":['.repeat(100_000), [0])).toThrow(VikhrError);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

function subsets(ids: readonly number[]): number[][] {
  return Array.from({ length: 2 ** ids.length }, (_, bits) => ids.filter((_, i) => (bits >> i) & 1));
}

/** Every text of a grammar without recursion: literals, names, sequences and alternatives. */
function texts(grammar: string): string[] {
  const rules = new Map<string, string[]>();
  for (const line of grammar.split("\n").filter(Boolean)) {
    const [, name, body] = /^([a-z0-9-]+) ::= (.*)$/.exec(line)!;
    rules.set(name!, body!.split(" | "));
  }
  const expand = (name: string): string[] =>
    rules.get(name)!.flatMap((sequence) => {
      const parts = sequence.match(/"(?:[^"\\]|\\.)*"|[a-z0-9-]+/g)!;
      return parts.reduce<string[]>(
        (heads, part) => {
          const tails = part.startsWith('"') ? [JSON.parse(part) as string] : expand(part);
          return heads.flatMap((head) => tails.map((tail) => head + tail));
        },
        [""],
      );
    });
  return expand("root");
}
