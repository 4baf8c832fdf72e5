/** Questions -> a model's answers, one call each. Knows no engine: an answer is work for whoever asks models. */
import { createHash } from "node:crypto";
import { type ChatSettings, chatCall } from "../calls/ask-model.ts";
import type { Work } from "../calls/work.ts";
import type { AnswerRow, QuestionRow } from "./rows.ts";

export interface Answer {
  row: AnswerRow;
  /** The model did not end by itself. */
  isCut: boolean;
}

export interface AnswerOptions {
  /** As the rows and the report call it. */
  model: string;
  settings: ChatSettings;
  /** Of cl100k. */
  countTokens: (text: string) => number;
}

/** The question alone, without a system prompt. Gives undefined where the call failed: there is no row for it. */
export function answerQuestion(question: QuestionRow, options: AnswerOptions): Work<Answer> {
  const { model, settings, countTokens } = options;
  const { question_id, turns } = question;
  const messages = [{ role: "user", content: turns[0]!.content }];
  return async (ask) => {
    const record = await ask(
      chatCall(`answer to question ${JSON.stringify(question_id)}`, messages, settings),
    );
    if (!record?.value) return undefined;
    const { text, isCut } = record.value;
    const row = {
      question_id,
      answer_id: createHash("sha256")
        .update(JSON.stringify([model, question_id, text]))
        .digest("hex")
        .slice(0, 22),
      model_id: model,
      choices: [{ index: 0, turns: [{ content: text, token_len: countTokens(text) }] }],
      tstamp: record.at,
    };
    return { row, isCut };
  };
}
