import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { xquadRows } from "./xquad-rows.ts";

const paragraph = (
  n: number,
  context = `Paragraph ${n} tells that the tower of ${n} has ${n * 7} floors.`,
) => ({
  context,
  qas: [
    {
      id: `q${n}`,
      question: `How many floors has the tower of ${n}?`,
      answers: [{ text: String(n * 7), answer_start: 0 }, { text: `${n * 7} floors` }],
    },
  ],
});
const file = (...paragraphs: unknown[]) => ({ version: "1.1", data: [{ title: "T", paragraphs }] });

function check(json: unknown) {
  const rows = xquadRows(json, "x.json");
  const paragraphs = (json as ReturnType<typeof file>).data.flatMap((article) => article.paragraphs) as {
    context: string;
    qas: { id: string }[];
  }[];
  const ownOf = new Map(
    paragraphs.flatMap(({ context, qas }) => qas.map(({ id }) => [id, context.slice(0, 4000)] as const)),
  );
  for (const { id, domain, documents, relevantDocIds, valueForms } of rows) {
    const own = ownOf.get(id.replace(/ (in|out)$/, ""))!;
    const contents = documents.map(({ content }) => content);
    expect(new Set(contents).size).toBe(contents.length);
    expect(documents.map(({ docId }) => docId)).toEqual(contents.map((_, i) => i));
    expect(relevantDocIds).toEqual(domain === "in_domain" ? [contents.indexOf(own)] : []);
    expect(contents.includes(own)).toBe(domain === "in_domain");
    for (const [span] of valueForms ?? []) expect(own).toContain(span);
  }
  return rows;
}

describe("XQuAD", () => {
  test("every question twice, with and without its own paragraph, the same every time", () => {
    const json = file(...Array.from({ length: 9 }, (_, i) => paragraph(i + 1)));
    const rows = check(json);
    expect(rows).toHaveLength(18);
    expect(rows[0]).toMatchObject({
      id: "q1 in",
      reference: "7",
      valueForms: [["7", "7 floors"]],
      language: "en",
    });
    expect(rows.every(({ documents }) => documents.length === 5)).toBe(true);
    const places = rows.flatMap(({ relevantDocIds }) => relevantDocIds);
    expect(new Set(places).size).toBeGreaterThan(2);
    expect(xquadRows(json, "x.json")).toEqual(rows);
  });

  test("an answer behind what a document may hold cannot be asked, one before it can", () => {
    const [before, behind] = [`7 ${"x".repeat(5000)}`, `${"x".repeat(5000)} 14`];
    const rows = check(file(paragraph(1, before), paragraph(2, behind), paragraph(3)));
    expect(rows.map(({ id }) => id)).toEqual(["q1 in", "q1 out", "q3 in", "q3 out"]);
  });

  test.each<[string, unknown, RegExp]>([
    ["no data", {}, /^x\.json: data: /],
    [
      "an answer that is none",
      file({ ...paragraph(1), qas: [{ id: "1", question: "?", answers: [] }] }),
      /qas\.0\.answers/,
    ],
    ["one paragraph", file(paragraph(1)), /two paragraphs/],
    ["twice the same paragraph", file(paragraph(1), paragraph(1)), /two paragraphs/],
  ])("%s is an error in one line", (_, json, wanted) => {
    expect(() => xquadRows(json, "x.json")).toThrow(InputError);
    expect(() => xquadRows(json, "x.json")).toThrow(wanted);
  });

  const sample = (language: string) =>
    join(import.meta.dirname, `../../../shared/data/xquad/xquad.${language}.json`);
  test.skipIf(!existsSync(sample("ru")))("the real files", () => {
    for (const language of ["ru", "en"]) {
      const rows = check(JSON.parse(readFileSync(sample(language), "utf8")));
      expect(rows.length).toBeGreaterThan(1000);
      expect(rows.filter((row) => row.language === language).length).toBeGreaterThan(0.95 * rows.length);
    }
  });
});
