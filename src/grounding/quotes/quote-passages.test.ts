import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { indexDocument } from "../../retrieval/relevance/support.ts";
import { visibleText } from "../../util/visible-text.ts";
import { passageAround } from "./passage.ts";
import { quotePassages } from "./quote-passages.ts";

const LIMIT = 400;

/** What a passage must keep of its place in the source: marks of layout may go. */
const letters = (text: string) => text.replace(/[^\p{L}\p{N}]+/gu, "");

const hit = (content: string, title: string | null = null, docId = 0) => ({ docId, title, content });

describe("passageAround", () => {
  const around = (content: string, sentence: number, limit = LIMIT) =>
    passageAround(indexDocument(hit(content)), sentence, { limit, isTaken: () => false });

  test("what stands beside the sentence, by whole sentences, up to the limit", () => {
    const content = "Первое здесь. Второе тут. Третье там. Четвёртое где-то.";
    expect(around(content, 1, 0).text).toBe("Второе тут.");
    expect(around(content, 1, 24).text).toBe("Второе тут. Третье там.");
    expect(around(content, 1, 1000).text).toBe(content);
  });

  test("a heading ends it; items and code keep their lines, marks and indentation", () => {
    const content =
      "# One\n\nSet it so:\n\n```rust\nfn main() {\n    go();\n}\n```\n\n- first\n- second\n\n# Two\n\nElse.";
    const { text, start, end } = around(content, 1);
    expect(text).toBe("Set it so:\nfn main() {\n    go();\n}\n- first\n- second");
    expect(content.slice(start, end)).toBe(
      content.slice(content.indexOf("Set"), content.indexOf("\n\n# Two")),
    );
  });

  test("code keeps the lines that hold nothing but brackets, before it, in it and behind it", () => {
    const code = '{\n  "retries": [\n    1,\n    2\n  ],\n  "queue": "worker"\n}';
    const content = `So:\n\n\`\`\`json\n${code}\n\`\`\`\n\n# Next\n\nElse.`;
    expect(around(content, 2).text).toBe(`So:\n${code}`);
    const alone = passageAround(indexDocument(hit(content)), 1, {
      limit: LIMIT,
      isTaken: (sentence) => sentence === 0,
    });
    expect(alone.text).toBe(code);
    expect(content.slice(alone.start, alone.end)).toBe(code);
  });

  test("holds its sentence and all that its span holds, within the limit, for any mix of markup", () => {
    const piece = fc.constantFrom(
      ..."Волга впадает. The sea 1812. <p> </p> <b>bold</b> &amp; # - | > \n".split(" "),
      "\n",
      "\n\n",
      "\n> ",
      "\n- ",
      "\n    ",
      "\n  {\n",
      "\n});\n",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.nat(), fc.nat(200), (pieces, at, limit) => {
        const content = pieces.join(" ");
        const { sentences } = indexDocument(hit(content));
        if (sentences.length === 0) return;
        const sentence = at % sentences.length;
        const passage = around(content, sentence, limit);
        expect(passage.first <= sentence && sentence <= passage.last).toBe(true);
        expect(passage.text).toContain(sentences[sentence]!.sentence.text);
        const shown = visibleText(content.slice(passage.start, passage.end)).text;
        expect(letters(passage.text)).toBe(letters(shown));
        const length = sentences
          .slice(passage.first, passage.last + 1)
          .reduce((sum, { sentence }) => sum + sentence.text.length + 1, -1);
        expect(passage.first === passage.last || length <= limit).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe("quotePassages", () => {
  const PAY = hit(
    "Дежурный приходит на час раньше. За дежурство доплачивают 900 рублей. Смена длится сутки.",
  );
  const RIVER = hit("Волга впадает в Каспийское море.", null, 1);

  test("the passage of the hit that answers, its citation, and no other hit", () => {
    const answer = quotePassages("Сколько доплачивают за дежурство?", [PAY, RIVER]);
    expect(answer.answer).toBe(`1. ${PAY.content}`);
    expect(answer.relevantDocIds).toEqual([0]);
    expect(answer.citations).toEqual([
      {
        start: 3,
        end: answer.answer.length,
        text: PAY.content,
        sources: [{ docId: 0, start: 0, end: PAY.content.length }],
      },
    ]);
  });

  test("where no hit is likely to answer, a refusal", () => {
    const answer = quotePassages("Кто написал «Мёртвые души»?", [PAY, RIVER]);
    expect(answer).toMatchObject({ relevantDocIds: [], citations: [] });
    expect(answer.answer).toBe("В предоставленных документах нет ответа на этот вопрос.");
  });

  test("what two pages say in the same words is quoted once", () => {
    const said = "Дежурный приходит на час раньше и разжигает печь.";
    const answer = quotePassages("Кто разжигает печь?", [hit(said, "Смены"), hit(said, "Дежурство", 1)]);
    expect(answer.citations.map(({ sources }) => sources[0]!.docId)).toEqual([0]);
  });

  test("a source that has more of the first hits than of all is likelier to answer, one that has less is not", () => {
    const question = "Почему печь холодная?";
    const ask = (sources: string) =>
      quotePassages(
        question,
        [...sources].map((source, docId) => ({
          ...hit(`Печь номер ${docId} стоит у окна и греет всю комнату.`, null, docId),
          ...(source !== "-" && { source }),
        })),
      );
    const logOdds = (sources: string) =>
      [...ask(sources).relevance.values()].map((p) => Math.log(p / (1 - p)));
    const [alone] = logOdds("a");
    const gains = (sources: string) => logOdds(sources).map((one) => one - alone!);
    // Three others of eleven, of five that are first.
    expect(gains("aabcdefghijk")[0]).toBeCloseTo(0.7 * (1 - 5 / 11), 6);
    // However many they are, a page on the subject is no answer by that alone.
    expect(gains("aaaaaabcdefg")[0]).toBeCloseTo(1, 6);
    expect(gains("abcdefaaagha")[0]).toBeCloseTo(0.7 * (0 - (4 * 5) / 11), 6);
    // One book, a note each, and documents of no source tell nothing by their places.
    for (const plain of ["aaaaaaaaaaaa", "abcdefghijkl", "------------", "aaa", "ab"])
      for (const gain of gains(plain)) expect(gain).toBeCloseTo(0, 6);
    // A fifth, and too little by itself.
    expect(ask("abcdefghijkl").relevantDocIds).toEqual([]);
    expect(ask("aaaaaabcdefg").relevantDocIds).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("of many good hits the first six in the order given, two passages of each at most, none twice, the first hit's longer", () => {
    const long = (i: number) =>
      Array.from({ length: 40 }, (_, j) => `Дежурство ${j} по печи ${i} стоит дорого и длится долго.`);
    const hits = Array.from({ length: 9 }, (_, i) => hit(long(i).join(" "), null, i));
    const { citations, relevantDocIds } = quotePassages("дежурство по печи", hits);
    expect(relevantDocIds).toEqual([0, 1, 2, 3, 4, 5]);
    expect(citations.map(({ sources }) => sources[0]!.docId)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    for (const [i, { text, sources }] of citations.entries()) {
      const limit = sources[0]!.docId === 0 ? 1000 : LIMIT;
      expect(text.length).toBeGreaterThan(limit - 60);
      expect(text.length).toBeLessThanOrEqual(limit);
      const before = citations[i - 1]?.sources[0];
      if (before?.docId !== sources[0]!.docId) continue;
      const apart = before.end <= sources[0]!.start || sources[0]!.end <= before.start;
      expect(apart).toBe(true);
    }
  });
});
