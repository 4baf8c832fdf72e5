/** Names and phrasings of the tests are never seen in training, attribute by attribute. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { generateDialogues, PACKS } from "./generate.ts";
import type { Attribute } from "./grammar.ts";
import { isTestStem } from "./stems.ts";
import { heldOutCount, splitList, type Template } from "./template.ts";

const attributes = PACKS.flatMap(({ language, types }) =>
  [...new Set(types.flatMap((type) => type.attributes))].map((attribute) => [language, attribute] as const),
);

/** The template with its label filled in, so that a shared phrasing cannot hide behind the slot. */
function spelled({ source }: Template, { label }: Attribute): string {
  return source
    .replace(/\{l(?:\.([gdaip]))?\}/g, (_, form: "g" | undefined) => label.forms[form ?? "n"])
    .replace(
      /\{l:([^|]*)\|([^|]*)\|([^}]*)\}/g,
      (_, m: string, f: string, n: string) => ({ m, f, n })[label.gender],
    )
    .toLowerCase();
}

test("phrasings held out are no phrasings of training, and are a fifth or so", () => {
  for (const [language, attribute] of attributes)
    for (const lists of [["statements", "notes"], ["questions"], ["answers"]] as const) {
      const train = lists.flatMap((list) => attribute[list].train.map((t) => spelled(t, attribute)));
      const heldOut = lists.flatMap((list) => attribute[list].heldOut.map((t) => spelled(t, attribute)));
      const seen = new Set(train);
      expect(
        heldOut.filter((source) => seen.has(source)),
        `${language} ${attribute.id}`,
      ).toEqual([]);
      const share = heldOut.length / (heldOut.length + train.length);
      expect(share, attribute.id).toBeGreaterThanOrEqual(0.17);
      expect(share, attribute.id).toBeLessThanOrEqual(0.26);
    }
});

test("every attribute has at least ten statements and ten questions", () => {
  for (const [, { id, statements, notes, questions, answers }] of attributes) {
    const count = (list: Attribute["questions"]) => list.train.length + list.heldOut.length;
    expect(count(statements) + count(notes), id).toBeGreaterThanOrEqual(14);
    expect(count(questions), id).toBeGreaterThanOrEqual(20);
    expect(count(answers), id).toBeGreaterThanOrEqual(8);
    expect(new Set([...statements.train, ...statements.heldOut].map(({ source }) => source)).size, id).toBe(
      count(statements),
    );
  }
});

test("statements begin small and bare, so that they can stand inside a question", () => {
  for (const [, { statements }] of attributes)
    for (const { source } of [...statements.train, ...statements.heldOut]) {
      expect(source).toMatch(/^(\{|\p{Ll})/u);
      expect(source).toMatch(/[^.?!]$/);
    }
});

test("entities of a test are never those of training", () => {
  const keys = (split: "train" | "test-names") => {
    const names = new Set<string>();
    for (const row of generateDialogues({ split, seed: 3, kinds: { single: 1 } })) {
      const content = row.messages[1]!.content;
      for (const word of content.match(/(?<=«)\p{Lu}\p{L}+/gu) ?? []) names.add(word);
      if (names.size > 300) return names;
    }
    return names;
  };
  const train = keys("train");
  for (const name of keys("test-names")) expect(train.has(name)).toBe(false);
  // The suffix is no part of the stem; a bare masculine name is its own stem, and says to which side it belongs.
  const bare = (names: Iterable<string>) =>
    [...names].filter((name) => /[бвгдзклмнпрстф]$/.test(name)).map((name) => name.toLowerCase());
  const [trained, tested] = [bare(train).filter(isTestStem), bare(keys("test-names")).filter(isTestStem)];
  const share = (some: string[], all: string[]) => some.length / all.length;
  expect(share(tested, bare(keys("test-names")))).toBeGreaterThan(3 * share(trained, bare(train)));
});

test("a split loses nothing", () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 0, maxLength: 40 }), (list) => {
      const { train, heldOut } = splitList(list);
      expect([...train, ...heldOut]).toEqual(list);
      expect(heldOut.length).toBe(heldOutCount(list.length));
    }),
  );
});
