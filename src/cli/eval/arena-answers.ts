/** `vikhr eval arena answers`: questions and a model in; its answers, greedy and without a system prompt, out. */
import { existsSync } from "node:fs";
import { InputError } from "../../errors.ts";
import { answerQuestion } from "../../evaluation/arena/answer-question.ts";
import { ArenaFolder, writeRows } from "../../evaluation/arena/arena-folder.ts";
import { readQuestions } from "../../evaluation/arena/read-rows.ts";
import { loadTokenCounter } from "../../evaluation/count-tokens.ts";
import { readSettings } from "../settings.ts";
import { askedModel } from "./asked-model.ts";
import { DEFAULT_MAX_TOKENS, DEFAULT_RUN } from "./defaults.ts";
import { runPlanned } from "./run-planned.ts";

export async function arenaAnswers(flags: Record<string, unknown>): Promise<number> {
  const settings = readSettings({ flags });
  const { name, identity } = askedModel(settings, flags.name);
  const folder = new ArenaFolder(String(flags.run ?? DEFAULT_RUN));
  const given = folder.questionsFrom(flags.questions as string | undefined);
  const questions = readQuestions(given);
  const journal = folder.answersJournal(name);
  const path = folder.answers(name);
  if (existsSync(path) && !existsSync(journal))
    throw new InputError(`${path} came from elsewhere and would be lost: give another --name`);
  const countTokens = await loadTokenCounter();
  const options = {
    model: name,
    settings: { model: identity, maxTokens: settings.maxTokens ?? DEFAULT_MAX_TOKENS },
    countTokens,
  };
  return runPlanned({
    works: questions.map((question) => answerQuestion(question, options)),
    journal,
    asked: name,
    settings,
    flags,
    async save(outcomes) {
      const answers = outcomes.filter((answer) => answer !== undefined);
      const cut = answers.filter(({ isCut }) => isCut).length;
      await folder.keepQuestions(given);
      if (answers.length > 0)
        await writeRows(
          path,
          answers.map(({ row }) => row),
        );
      const ends = cut > 0 ? `, ${cut} of them cut after ${options.settings.maxTokens} tokens` : "";
      return {
        lines: [`${path}: ${answers.length} answers to ${questions.length} questions${ends}`],
        json: { model: name, path, answers: answers.length, cut, questions: questions.length },
      };
    },
  });
}
