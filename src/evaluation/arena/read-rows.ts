/** Files of an arena -> rows, checked: those that are written here, and those of arena-hard and Ru-Arena-General. */
import { z } from "zod";
import { readJsonl } from "../../datasets/read-jsonl.ts";
import { InputError } from "../../errors.ts";
import type { AnswerRow, GameFailure, JudgmentRow, QuestionId, QuestionRow } from "./rows.ts";

const FAILURES: Record<GameFailure, true> = {
  "cut-stream": true,
  "http-429": true,
  "http-4xx": true,
  "http-5xx": true,
  "no-connection": true,
  "context-overflow": true,
  failed: true,
  "no-label": true,
  "two-labels": true,
  "unknown-label": true,
  endless: true,
  "wrong-language": true,
};

const name = z.string().min(1, "a name");
const questionId = z.union([z.number(), name], "a number or a text");

const questionSchema = z.object({
  question_id: questionId,
  cluster: z.union([z.number(), z.string()]).exactOptional(),
  turns: z.array(z.object({ content: z.string() })).length(1, "one turn"),
  category: z.string().exactOptional(),
});

const turnSchema = z.object({ content: z.string(), token_len: z.int().min(0).exactOptional() });

const answerSchema = z.object({
  question_id: questionId,
  answer_id: z.string(),
  model_id: name,
  choices: z
    .array(z.object({ index: z.number(), turns: z.array(turnSchema).length(1, "one turn") }))
    .length(1, "one choice"),
  tstamp: z.number(),
});

const gameSchema = z.object({
  score: z.string().nullable(),
  failure: z.enum(Object.keys(FAILURES) as GameFailure[]).exactOptional(),
  judgment: z.string().exactOptional(),
});

const judgmentSchema = z.object({
  question_id: questionId,
  model: name,
  baseline: name.exactOptional(),
  judge: name,
  games: z.array(gameSchema).length(2, "two games"),
});

/** Each question once. */
export function readQuestions(path: string): QuestionRow[] {
  const rows = readJsonl(path, questionSchema);
  if (rows.length === 0) throw new InputError(`${path} has no questions: give one JSON object a line`);
  onlyOnce(path, rows, (row) => JSON.stringify(row.question_id));
  return rows;
}

/** Answers of any number of models, each question once for each. */
export function readAnswers(path: string): AnswerRow[] {
  const rows = readJsonl(path, answerSchema);
  onlyOnce(path, rows, (row) => JSON.stringify([row.model_id, row.question_id]));
  return rows;
}

/** Files from elsewhere do not say against whom: `baseline`, where it is known. */
export function readJudgments(path: string, baseline: string): JudgmentRow[] {
  const rows = readJsonl(path, judgmentSchema).map((row) => ({ baseline, ...row }));
  onlyOnce(path, rows, (row) => JSON.stringify([row.judge, row.model, row.question_id]));
  return rows;
}

/** The rows of several files, of which each names its model. */
export function answersByModel(paths: readonly string[]): Map<string, Map<QuestionId, AnswerRow>> {
  const models = new Map<string, Map<QuestionId, AnswerRow>>();
  for (const path of paths) {
    const here = new Map<string, Map<QuestionId, AnswerRow>>();
    for (const row of readAnswers(path)) {
      const answers = here.get(row.model_id) ?? new Map<QuestionId, AnswerRow>();
      here.set(row.model_id, answers.set(row.question_id, row));
    }
    for (const [model, answers] of here) {
      if (models.has(model))
        throw new InputError(`${path}: there are answers of ${model} in another file, too: take one away`);
      models.set(model, answers);
    }
  }
  return models;
}

function onlyOnce<Row>(path: string, rows: readonly Row[], key: (row: Row) => string): void {
  const seen = new Set<string>();
  for (const row of rows) {
    const own = key(row);
    if (seen.has(own)) throw new InputError(`${path}: ${own} is there twice: take one out`);
    seen.add(own);
  }
}
