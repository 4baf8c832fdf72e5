import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { InputError } from "../../errors.ts";
import { answersByModel, readAnswers, readJudgments, readQuestions } from "./read-rows.ts";

const shared = resolve(import.meta.dirname, "../../../../shared/data/arena");
if (!existsSync(shared))
  console.log("read-rows.test: ../shared/data/arena is absent, its checks are left out");

describe.runIf(existsSync(shared))("the files of Ru-Arena-General", () => {
  const at = (name: string) => join(shared, name);
  const questions = existsSync(shared) ? readQuestions(at("questions.jsonl")) : [];

  test("500 questions, 50 topics of 10", () => {
    const topics = new Map<unknown, number>();
    for (const { cluster } of questions) topics.set(cluster, (topics.get(cluster) ?? 0) + 1);
    expect([questions.length, topics.size, ...new Set(topics.values())]).toEqual([500, 50, 10]);
  });

  test("two models answered all of them", () => {
    const files = ["answers-gpt-3.5-turbo-0125.jsonl", "answers-vikhr-llama3.1-8b.jsonl"].map(at);
    const answers = answersByModel(files);
    expect([...answers.keys()]).toEqual(["gpt-3.5-turbo-0125", "vikhr-llama3.1-8b-instruct-r-21-09-24"]);
    for (const own of answers.values())
      expect(questions.filter(({ question_id }) => !own.has(question_id))).toEqual([]);
    expect(() => answersByModel([files[0]!, files[0]!])).toThrow(/in another file, too/);
  });

  test("judgments that do not say against whom, with labels that do not exist", () => {
    const rows = readJudgments(at("judgments.jsonl"), "somebody");
    expect(rows).toHaveLength(38 * 500);
    expect(new Set(rows.map(({ baseline }) => baseline))).toEqual(new Set(["somebody"]));
    expect(new Set(rows.flatMap(({ games }) => games.map(({ score }) => score)))).toEqual(
      new Set(["B>A", "A<B", "A=B"]),
    );
  });
});

describe("a file that is none", () => {
  const folder = mkdtempSync(join(tmpdir(), "vikhr-rows-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (...rows: unknown[]) => {
    const path = join(folder, "rows.jsonl");
    writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    return path;
  };
  const question = { question_id: 1, turns: [{ content: "?" }] };
  const answer = {
    question_id: 1,
    answer_id: "a",
    model_id: "m",
    tstamp: 1,
    choices: [{ index: 0, turns: [{ content: "!" }] }],
  };
  const judgment = { question_id: 1, model: "m", judge: "j", games: [{ score: "A>B" }, { score: null }] };
  const fails = (read: (path: string) => unknown, rows: unknown[], message: RegExp) => {
    const path = file(...rows);
    expect(() => read(path)).toThrow(InputError);
    expect(() => read(path)).toThrow(message);
  };

  test("what is right is read", () => {
    expect(readQuestions(file(question))).toEqual([question]);
    expect(readAnswers(file(answer))).toEqual([answer]);
    expect(readJudgments(file(judgment), "b")).toEqual([{ baseline: "b", ...judgment }]);
    expect(readJudgments(file({ ...judgment, baseline: "own" }), "b")[0]!.baseline).toBe("own");
  });

  test("what is wrong is named with its line", () => {
    fails(readQuestions, [], /no questions/);
    fails(
      readQuestions,
      [question, { ...question, question_id: null }],
      /rows\.jsonl:2: question_id: a number/,
    );
    fails(
      readQuestions,
      [{ ...question, turns: [...question.turns, ...question.turns] }],
      /:1: turns: one turn/,
    );
    fails(readQuestions, [question, question], /1 is there twice/);
    fails(readAnswers, [{ ...answer, choices: [] }], /:1: choices: one choice/);
    fails(readAnswers, [answer, answer], /twice/);
    const read = (path: string) => readJudgments(path, "b");
    fails(read, [{ ...judgment, games: [] }], /:1: games: two games/);
    fails(
      read,
      [{ ...judgment, games: [{ score: "A>B", failure: "bad luck" }, { score: null }] }],
      /:1: games\.0\.failure/,
    );
    fails(read, [judgment, judgment], /twice/);
  });

  test("one model may stand in one file alone, and several in one", () => {
    const first = file(answer, { ...answer, model_id: "n" });
    expect([...answersByModel([first]).keys()]).toEqual(["m", "n"]);
  });
});
