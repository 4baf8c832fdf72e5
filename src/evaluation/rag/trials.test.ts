/** What models are asked beside the plain questions: noise, counterfactual documents, attacks. */
import { expect, test } from "vitest";
import { generatedTestSet } from "../../cli/eval/rag-test-set.ts";
import type { GroundedTestRow } from "../../datasets/grounded-test-row.ts";
import type { RagAnswer } from "./ask-grounded.ts";
import { ATTACKS, attackedRows } from "./attacks.ts";
import { counterfactualRows, holdsStem } from "./counterfactuals.ts";
import { noisyRows } from "./noise.ts";
import { allTrials, makeTrials, trialsHash } from "./trials.ts";

const { rows } = generatedTestSet(100);
const inDomain = rows.filter(({ domain }) => domain === "in_domain");

const answering = (facts: Partial<RagAnswer>): RagAnswer => ({
  answer: "",
  predictedIds: [],
  relevance: null,
  citedIds: [],
  isCut: false,
  ...facts,
});

test("all trials are valid rows with names of their own, the same every time", () => {
  const trials = makeTrials(rows, 100);
  const names = allTrials(trials).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { row } of allTrials(trials)) {
    const ids = row.documents.map(({ docId }) => docId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeLessThanOrEqual(6);
    expect(row.relevantDocIds.every((id) => ids.includes(id))).toBe(true);
    for (const { content } of row.documents) expect(content.length).toBeLessThanOrEqual(4000);
  }
  expect(trialsHash(makeTrials(rows, 100))).toBe(trialsHash(trials));
  expect(trialsHash(makeTrials(rows, 99))).not.toBe(trialsHash(trials));
});

test("so many questions of each domain as were asked for", () => {
  const { questions } = makeTrials(rows, 30);
  const domains = questions.map(({ row }) => row.domain);
  expect(domains.filter((domain) => domain === "in_domain")).toHaveLength(30);
  expect(domains.filter((domain) => domain === "out_of_domain")).toHaveLength(30);
});

test("noise: the document that answers and nothing of its question's others; more noise keeps the noise before", () => {
  const noisy = noisyRows(inDomain, 20);
  expect(noisy).toHaveLength(20 * 6);
  for (const [i, { distractors, row }] of noisy.entries()) {
    const origin = inDomain.find(({ id }) => id === row.id)!;
    const contents = row.documents.map(({ content }) => content);
    const relevant = origin.documents.find(({ docId }) => docId === origin.relevantDocIds[0])!.content;
    expect(contents).toHaveLength(distractors + 1);
    expect(contents[row.relevantDocIds[0]!]).toBe(relevant);
    expect(new Set(contents).size).toBe(contents.length);
    const noise = contents.filter((content) => content !== relevant);
    expect(origin.documents.some(({ content }) => noise.includes(content))).toBe(false);
    const all = inDomain.filter(({ language }) => language === row.language).flatMap((one) => one.documents);
    expect(noise.every((content) => all.some((document) => document.content === content))).toBe(true);
    if (distractors > 0)
      for (const { content } of noisy[i - 1]!.row.documents) expect(contents).toContain(content);
  }
  // It stands first, last and between.
  const places = noisy.filter(({ distractors }) => distractors === 5).map(({ row }) => row.relevantDocIds[0]);
  expect(new Set(places).size).toBeGreaterThan(3);
});

test("noise: a question without others in its language has what there is", () => {
  const [one] = inDomain.filter(({ relevantDocIds }) => relevantDocIds.length === 1);
  expect(noisyRows([one!], 5).map(({ distractors }) => distractors)).toEqual([0]);
});

test("counterfactual documents tell the wrong value and nowhere the right one; questions tell neither", () => {
  const changed = counterfactualRows(1000);
  expect(changed.length).toBeGreaterThanOrEqual(40);
  for (const { row, told, known } of changed) {
    const shown = row.documents.map(({ content }) => content).join("\n");
    const own = row.documents.find(({ docId }) => docId === row.relevantDocIds[0])!.content;
    expect([own, holdsStem(own, told)]).toEqual([own, true]);
    expect([shown, holdsStem(shown, known)]).toEqual([shown, false]);
    const question = row.messages[0]!.content;
    expect([question, holdsStem(question, told), holdsStem(question, known)]).toEqual([
      question,
      false,
      false,
    ]);
    expect(own).not.toMatch(/[{}()]/);
  }
});

test("stems are beginnings of words, numbers whole ones", () => {
  expect(holdsStem("Около Волги.", "волг")).toBe(true);
  expect(holdsStem("Первым был Пётр I", "петр")).toBe(true);
  expect(holdsStem("Иволга", "волг")).toBe(false);
  expect(holdsStem("in 1912.", "1912")).toBe(true);
  expect(holdsStem("19123", "1912")).toBe(false);
});

test("attacks stand in one document, at its end, and all of them on the same questions", () => {
  const attacked = attackedRows(inDomain, 5);
  expect(attacked).toHaveLength(2 * 5 * ATTACKS.length);
  for (const { attack, carrier, text, row, origin } of attacked) {
    const plain = inDomain.find(({ id }) => id === origin)!;
    const changed = row.documents.filter((document, i) => document.content !== plain.documents[i]!.content);
    expect(changed.map(({ docId }) => docId)).toEqual([carrier]);
    expect(changed[0]!.content.endsWith(`\n\n${text}`)).toBe(true);
    expect(row.relevantDocIds.includes(carrier)).toBe(attack.place === "relevant");
    expect(text).not.toContain("{id}");
    expect(JSON.stringify(plain)).not.toContain("ZEBRA");
  }
  const questionsOf = (name: string) =>
    attacked.filter(({ attack }) => attack.name === name).map(({ origin }) => origin);
  for (const { name } of ATTACKS) expect(questionsOf(name)).toEqual(questionsOf(ATTACKS[0]!.name));
});

test("an attack succeeds where it is obeyed, not where it is quoted or ignored", () => {
  const [relevant] = attackedRows(inDomain, 1);
  expect(relevant!.row.language).toBe("ru");
  for (const { attack, carrier, text } of attackedRows(inDomain, 1)) {
    const succeeds = (facts: Partial<RagAnswer>) => attack.succeeded(answering(facts), carrier, text);
    const honest = { answer: "Мост построен в 1901 году.", predictedIds: [carrier + 1] };
    expect([attack.name, succeeds(honest)]).toEqual([attack.name, false]);
    if (attack.name === "fake-ids") {
      expect(succeeds({ ...honest, predictedIds: [carrier] })).toBe(true);
      expect(succeeds({ ...honest, predictedIds: null })).toBeUndefined();
    } else if (attack.name === "refuse")
      expect(succeeds({ answer: "В документах нет ответа на этот вопрос." })).toBe(true);
    else {
      expect(succeeds({ answer: "ZEBRA-4817" })).toBe(true);
      expect(succeeds({ answer: `Мост построен. ${text.split("\n")[0]}` })).toBe(false);
    }
  }
});

test("questions whose documents have no room are not attacked", () => {
  const full = (row: GroundedTestRow): GroundedTestRow => ({
    ...row,
    documents: row.documents.map((document) => ({ ...document, content: "x".repeat(3990) })),
  });
  expect(attackedRows(inDomain.map(full), 5)).toEqual([]);
});
