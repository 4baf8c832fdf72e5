import { expect, test } from "vitest";
import { generatedTestSet } from "./rag-test-set.ts";
import { judgeByRules } from "./rules-judge.ts";

const { rows } = generatedTestSet(40);

test("as many of each domain, language and phrasing, one pair over each set of documents", () => {
  for (const domain of ["in_domain", "out_of_domain"])
    for (const language of ["ru", "en"])
      for (const split of ["test-names", "test-templates"]) {
        const ids = rows
          .filter((row) => row.domain === domain && row.language === language)
          .map(({ id }) => id);
        expect(ids.filter((id) => id.includes(split))).toHaveLength(10);
      }
  expect(new Set(rows.map(({ id }) => id)).size).toBe(80);
  const clusters = new Set(rows.map(({ cluster }) => cluster));
  expect(clusters.size).toBe(40);
  for (const name of clusters) {
    const pair = rows.filter(({ cluster }) => cluster === name);
    expect(pair.map(({ domain }) => domain).sort()).toEqual(["in_domain", "out_of_domain"]);
    expect(pair[0]!.documents).toEqual(pair[1]!.documents);
  }
});

test("no document is told twice, in whatever words", () => {
  const titles = rows
    .filter(({ domain }) => domain === "in_domain")
    .flatMap(({ cluster, reference }) =>
      [...reference.matchAll(/\p{Lu}\p{L}{5,}/gu)].map(([name]) => [name, cluster]),
    );
  const clusters = new Map<string, Set<string>>();
  for (const [name, cluster] of titles) clusters.set(name!, (clusters.get(name!) ?? new Set()).add(cluster!));
  const repeated = [...clusters].filter(([, seen]) => seen.size > 1).map(([name]) => name);
  expect(repeated.length).toBeLessThan(0.2 * clusters.size);
});

test("the same every time, and fewer are a part of more", () => {
  expect(generatedTestSet(40).sha256).toBe(generatedTestSet(40).sha256);
  const more = new Set(generatedTestSet(60).rows.map((row) => JSON.stringify(row)));
  expect(rows.filter((row) => !more.has(JSON.stringify(row)))).toEqual([]);
});

test("by the rules its references are right, those of other questions and of the other domain wrong", () => {
  const answerOf = new Map(rows.map(({ id, reference }) => [id, reference]));
  for (const row of rows) {
    expect([row.reference, judgeByRules(row, row.reference)]).toEqual([row.reference, true]);
    const pair = rows.find(({ cluster, domain }) => cluster === row.cluster && domain !== row.domain)!;
    expect([row.id, judgeByRules(row, answerOf.get(pair.id)!)]).toEqual([row.id, false]);
  }
  const [row] = rows.filter(({ domain }) => domain === "in_domain");
  const { valueForms: _, ...bare } = row!;
  expect(judgeByRules(bare, row!.reference)).toBeNull();
});
