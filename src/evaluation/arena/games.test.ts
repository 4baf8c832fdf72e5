import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChatCall } from "../calls/ask-model.ts";
import type { CallRecord } from "../calls/journal.ts";
import { gamesOf, judgmentRow, matchesOf } from "./games.ts";
import type { AnswerRow, QuestionRow } from "./rows.ts";

const settings = { model: { model: "judge" }, maxTokens: 100 };
const question = (id: number): QuestionRow => ({ question_id: id, turns: [{ content: `Вопрос ${id}` }] });
const answer = (model: string, id: number): AnswerRow => ({
  question_id: id,
  answer_id: "",
  model_id: model,
  tstamp: 0,
  choices: [{ index: 0, turns: [{ content: `${model} ${id}` }] }],
});
const match = { question: question(1), baseline: answer("base", 1), model: answer("own", 1) };
const record = (facts: Partial<CallRecord<{ text: string; isCut: boolean }>>) => ({
  name: "",
  input: "",
  tokens: 1,
  seconds: 1,
  at: 0,
  ...facts,
});
const said = (text: string, isCut = false) => record({ value: { text, isCut } });

/** Plays a game against what is said turn by turn; undefined: nobody answers. */
async function play(game: 0 | 1, turns: (ReturnType<typeof record> | undefined)[]) {
  const asked: ChatCall[] = [];
  const outcome = await gamesOf(match, settings)[game]((call) => turns[asked.push(call) - 1]);
  return { asked, outcome };
}

test("the places are swapped in the second game, and nothing else is", async () => {
  const [first, second] = await Promise.all([play(0, [said("[[A>B]]")]), play(1, [said("[[A>B]]")])]);
  const [text, swapped] = [first, second].map(({ asked }) => asked[0]!.messages[1]!.content);
  expect(text!.indexOf("base 1")).toBeLessThan(text!.indexOf("own 1"));
  expect(swapped!.replace("own 1", "?").replace("base 1", "own 1").replace("?", "base 1")).toBe(text);
  expect(first.asked[0]!.name).not.toBe(second.asked[0]!.name);
  expect(first.asked[0]!.options).toEqual({ maxTokens: 100, temperature: 0, seed: 0 });
});

test("a judge is asked again once, where there is no label, and sees what it wrote", async () => {
  expect((await play(0, [said("[[A>B]] [[B>A]]")])).asked).toHaveLength(1);
  expect((await play(0, [said("[[A<B]]")])).asked).toHaveLength(1);
  const { asked, outcome } = await play(0, [said("Хм."), said("[[B>A]]")]);
  expect(asked.map(({ messages }) => messages.length)).toEqual([2, 4]);
  expect(asked[1]!.messages.slice(0, 3)).toEqual([
    ...asked[0]!.messages,
    { role: "assistant", content: "Хм." },
  ]);
  expect(asked[0]!.name).not.toBe(asked[1]!.name);
  expect(outcome).toEqual({ score: "B>A", judgment: "Хм.\n[[B>A]]" });
  expect((await play(0, [said("Хм."), said("Хм.")])).outcome).toMatchObject({ failure: "no-label" });
});

test("a call that failed decides nothing; one that was not made leaves the game open", async () => {
  const failed = record({ failure: { kind: "cut-stream", message: "" } });
  expect((await play(0, [failed])).outcome).toEqual({ score: null, failure: "cut-stream", judgment: "" });
  expect((await play(1, [said("Хм."), failed])).outcome).toMatchObject({
    failure: "cut-stream",
    judgment: "Хм.",
  });
  expect((await play(0, [undefined])).outcome).toBeUndefined();
  expect((await play(0, [said("Хм."), undefined])).outcome).toBeUndefined();
  const done = { score: "A>B", judgment: "" };
  expect(judgmentRow(match, "judge", [done, undefined])).toBeUndefined();
  expect(judgmentRow(match, "judge", [done, done])).toEqual({
    question_id: 1,
    model: "own",
    baseline: "base",
    judge: "judge",
    games: [done, done],
  });
});

test("questions that one of both did not answer are left out, in order", () => {
  const ids = fc.uniqueArray(fc.nat(20));
  fc.assert(
    fc.property(ids, ids, ids, (asked, base, own) => {
      const answers = (model: string, some: number[]) => new Map(some.map((id) => [id, answer(model, id)]));
      const matches = matchesOf(asked.map(question), answers("base", base), answers("own", own));
      expect(matches.map(({ question }) => question.question_id)).toEqual(
        asked.filter((id) => base.includes(id) && own.includes(id)),
      );
      for (const { question, baseline, model } of matches)
        expect([baseline.question_id, model.question_id]).toEqual([
          question.question_id,
          question.question_id,
        ]);
    }),
  );
});
