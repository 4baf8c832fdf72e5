/**
 * Questions and two models' answers -> two games a question, with the places swapped. A judgment without a label is asked
 * once to finish with one. Knows no engine: a game is work for whoever asks models.
 */
import type { Message } from "../../spec/message.ts";
import { type ChatSettings, type Completion, chatCall } from "../calls/ask-model.ts";
import type { Work } from "../calls/work.ts";
import { judgeMessages, LABEL_REQUEST } from "./judge-prompt.ts";
import type { AnswerRow, GameRow, JudgmentRow, QuestionId, QuestionRow } from "./rows.ts";
import { labelsIn, verdictOf } from "./verdict.ts";

/** One question, answered by the baseline and by the model that is compared with it. */
export interface Match {
  question: QuestionRow;
  baseline: AnswerRow;
  model: AnswerRow;
}

const TURNS = 2;

/** In the order of the questions; those that one of both did not answer are left out. */
export function matchesOf(
  questions: readonly QuestionRow[],
  baseline: ReadonlyMap<QuestionId, AnswerRow>,
  model: ReadonlyMap<QuestionId, AnswerRow>,
): Match[] {
  return questions.flatMap((question) => {
    const [theirs, own] = [baseline, model].map((answers) => answers.get(question.question_id));
    return theirs && own ? [{ question, baseline: theirs, model: own }] : [];
  });
}

/** The baseline stands first in the first game, and second in the second. */
export function gamesOf(match: Match, settings: ChatSettings): [Work<GameRow>, Work<GameRow>] {
  const { question, baseline, model } = match;
  const name = `${model.model_id} against ${baseline.model_id}, question ${JSON.stringify(question.question_id)}`;
  const game = (number: number, first: AnswerRow, second: AnswerRow) =>
    playGame(
      `${name}, game ${number}`,
      // Made when it is needed: the prompts of many models are long.
      () => judgeMessages(question.turns[0]!.content, textOf(first), textOf(second)),
      settings,
    );
  return [game(1, baseline, model), game(2, model, baseline)];
}

function playGame(name: string, prompt: () => Message[], settings: ChatSettings): Work<GameRow> {
  return async (ask) => {
    const turns: Completion[] = [];
    let messages = prompt();
    while (turns.length < TURNS) {
      const record = await ask(chatCall(`${name}, turn ${turns.length + 1}`, messages, settings));
      if (!record) return undefined;
      if (!record.value) return failed(turns, record.failure!.kind);
      turns.push(record.value);
      const { text } = record.value;
      if (labelsIn(text).length > 0) break;
      messages = [
        ...messages,
        { role: "assistant", content: text },
        { role: "user", content: LABEL_REQUEST },
      ];
    }
    return verdictOf(turns);
  };
}

/** A call that brought nothing decides nothing, whatever was written before it. */
function failed(turns: readonly Completion[], failure: NonNullable<GameRow["failure"]>): GameRow {
  return { score: null, failure, judgment: turns.map(({ text }) => text).join("\n") };
}

/** undefined while one of the games is not played. */
export function judgmentRow(
  { question, baseline, model }: Match,
  judge: string,
  games: readonly (GameRow | undefined)[],
): JudgmentRow | undefined {
  const played = games.filter((game) => game !== undefined);
  if (played.length < games.length) return undefined;
  return {
    question_id: question.question_id,
    model: model.model_id,
    baseline: baseline.model_id,
    judge,
    games: played,
  };
}

function textOf(answer: AnswerRow): string {
  return answer.choices[0]!.turns[0]!.content;
}
