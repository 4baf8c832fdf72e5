/** `vikhr eval arena judge`: answers of models and of a baseline in; what a judge says of each pair, both ways round, out. */
import { InputError } from "../../errors.ts";
import { ArenaFolder, writeRows } from "../../evaluation/arena/arena-folder.ts";
import { gamesOf, judgmentRow, matchesOf } from "../../evaluation/arena/games.ts";
import { judgeHealth } from "../../evaluation/arena/judge-health.ts";
import { JUDGE_SYSTEM, LABEL_REQUEST } from "../../evaluation/arena/judge-prompt.ts";
import { answersByModel, readQuestions } from "../../evaluation/arena/read-rows.ts";
import type { JudgmentRow } from "../../evaluation/arena/rows.ts";
import { VERDICT_RULES } from "../../evaluation/arena/verdict.ts";
import { writeFileAtomic } from "../../util/write-file-atomic.ts";
import { readSettings } from "../settings.ts";
import { askedModel } from "./asked-model.ts";
import { DEFAULT_BASELINE, DEFAULT_MAX_TOKENS, DEFAULT_RUN } from "./defaults.ts";
import { makeManifest } from "./make-manifest.ts";
import { describeCounts, runPlanned } from "./run-planned.ts";

/** `models`: those that are compared with the baseline; all others that have answers where none is named. */
export async function arenaJudge(models: readonly string[], flags: Record<string, unknown>): Promise<number> {
  const settings = readSettings({ flags });
  const { name: judge, identity } = askedModel(settings, flags.name);
  const baseline = String(flags.baseline ?? DEFAULT_BASELINE);
  const folder = new ArenaFolder(String(flags.run ?? DEFAULT_RUN));
  const given = folder.questionsFrom(flags.questions as string | undefined);
  const questions = readQuestions(given);
  const answers = answersByModel(folder.answerFiles());
  const judged = chooseModels(models, baseline, [...answers.keys()], folder);
  const groups = judged.map((model) => ({
    model,
    matches: matchesOf(questions, answers.get(baseline)!, answers.get(model)!),
  }));
  const chat = { model: identity, maxTokens: settings.maxTokens ?? DEFAULT_MAX_TOKENS };
  return runPlanned({
    works: groups.flatMap(({ matches }) => matches.flatMap((match) => gamesOf(match, chat))),
    journal: folder.judgeJournal(judge),
    asked: judge,
    settings,
    flags,
    async save(games) {
      await folder.keepQuestions(given);
      let next = 0;
      const summaries: Summary[] = [];
      for (const { model, matches } of groups) {
        const rows = matches.flatMap(
          (match) => judgmentRow(match, judge, [games[next++], games[next++]]) ?? [],
        );
        if (rows.length > 0) await writeRows(folder.judgments(judge, model), rows);
        summaries.push(summaryOf(model, questions.length, rows));
      }
      const manifest = makeManifest({
        data: folder.hashes([folder.questions, ...folder.answerFiles()]),
        texts: { "judge prompt": JUDGE_SYSTEM, "asked for a label": LABEL_REQUEST, rules: VERDICT_RULES },
        settings: { judge, baseline, temperature: 0, "max tokens": chat.maxTokens, ...identity },
      });
      if (summaries.some(({ judged }) => judged > 0))
        await writeFileAtomic(folder.manifest(judge), `${JSON.stringify(manifest, null, 2)}\n`);
      return { lines: summaries.map(describe), json: { judge, baseline, models: summaries } };
    },
  });
}

function chooseModels(
  wanted: readonly string[],
  baseline: string,
  known: readonly string[],
  { path }: ArenaFolder,
): readonly string[] {
  if (!known.includes(baseline))
    throw new InputError(
      `there are no answers of the baseline ${baseline} in ${path}/answers: put its file there, or name another --baseline`,
    );
  const strange = wanted.find((model) => !known.includes(model) || model === baseline);
  if (strange !== undefined)
    throw new InputError(`${strange} cannot be judged: there are answers of ${known.join(", ")}`);
  const judged = wanted.length > 0 ? [...new Set(wanted)] : known.filter((model) => model !== baseline);
  if (judged.length === 0)
    throw new InputError(
      `there are answers of the baseline alone in ${path}/answers: vikhr eval arena answers makes others`,
    );
  return judged;
}

interface Summary {
  model: string;
  questions: number;
  /** Those with two games. */
  judged: number;
  unscored: number;
  /** By name; `wrong-language` counts beside a score. */
  failures: Record<string, number>;
}

function summaryOf(model: string, questions: number, rows: readonly JudgmentRow[]): Summary {
  const { games, scored, failures } = judgeHealth(rows);
  return { model, questions, judged: rows.length, unscored: games - scored, failures };
}

function describe({ model, questions, judged, unscored, failures }: Summary): string {
  const named = describeCounts(failures);
  return `${model}: ${judged} of ${questions} questions judged; of ${2 * judged} games ${unscored} without a score${named === "" ? "" : ` (${named})`}`;
}
