/** Stored answers -> what a report asks of them: text, tokens, style, by model and question. */
import { loadTokenCounter } from "../count-tokens.ts";
import { type Style, styleOf } from "../ratings/style-of.ts";
import type { AnswerRow, QuestionId } from "./rows.ts";

export interface Answer {
  content: string;
  style: Style;
}

export type Answers = Map<string, Map<QuestionId, Answer>>;

/** Of several answers of one model to one question the last counts. Tokens are counted where a row does not say them. */
export async function indexAnswers(rows: readonly AnswerRow[]): Promise<Answers> {
  const answers: Answers = new Map();
  let count: ((text: string) => number) | undefined;
  for (const { model_id, question_id, choices } of rows) {
    const turn = choices[0]?.turns[0];
    if (turn === undefined) continue;
    if (turn.token_len === undefined) count ??= await loadTokenCounter();
    const tokens = turn.token_len ?? count!(turn.content);
    const ofModel = answers.get(model_id) ?? new Map<QuestionId, Answer>();
    answers.set(
      model_id,
      ofModel.set(question_id, { content: turn.content, style: styleOf(turn.content, tokens) }),
    );
  }
  return answers;
}

/** One figure of every answer. */
export function mapAnswers<T>(answers: Answers, map: (answer: Answer) => T): Map<string, Map<QuestionId, T>> {
  return new Map(
    [...answers].map(([model, ofModel]) => [
      model,
      new Map([...ofModel].map(([id, answer]) => [id, map(answer)])),
    ]),
  );
}

/** Mean tokens of a model's answers, truncated as published tables have it; undefined where there are none. */
export function averageTokens(answers: ReadonlyMap<QuestionId, Answer> | undefined): number | undefined {
  if (answers === undefined || answers.size === 0) return undefined;
  let sum = 0;
  for (const { style } of answers.values()) sum += style.length;
  return Math.floor(sum / answers.size);
}
