/** `vikhr eval arena report`: a run in; its leaderboard, a page and files for programs out. Asks nobody. */
import { EXIT, InputError } from "../../errors.ts";
import { ArenaFolder } from "../../evaluation/arena/arena-folder.ts";
import type { ArenaReport } from "../../evaluation/arena/arena-report.ts";
import { makeArenaReport } from "../../evaluation/arena/make-arena-report.ts";
import { readAnswers, readJudgments, readQuestions } from "../../evaluation/arena/read-rows.ts";
import { readManifest } from "../../evaluation/read-manifest.ts";
import { compareReports } from "../../evaluation/report/compare/compare-reports.ts";
import { failUnder } from "../../evaluation/report/fail-under.ts";
import { terminalJson, terminalLine } from "../../util/terminal-text.ts";
import { DEFAULT_BASELINE, DEFAULT_RUN } from "./defaults.ts";
import { makeManifest } from "./make-manifest.ts";
import { sayMissed, writeReport } from "./write-report.ts";

type Flags = Record<string, unknown>;

export async function arenaReport(flags: Flags): Promise<number> {
  const folder = new ArenaFolder(String(flags.run ?? DEFAULT_RUN));
  const report = await reportOf(folder, flags);
  const comparisons =
    flags.compare === undefined
      ? []
      : [compareReports(await reportOf(new ArenaFolder(String(flags.compare)), flags), report)];
  const missed = failUnder([report], (flags.failUnder ?? []) as string[]);
  const page = await writeReport(folder.path, report, comparisons);
  const { baseline, judge, leaderboard, unrated, judgeHealth } = report;
  if (flags.json)
    process.stdout.write(
      `${terminalJson({ page, baseline, judge, leaderboard, unrated, judgeHealth: judgeHealth.all, comparisons, missed })}\n`,
    );
  else
    for (const line of [...leaderboardLines(report), page]) process.stdout.write(`${terminalLine(line)}\n`);
  sayMissed(missed);
  return missed.length > 0 ? EXIT.failure : EXIT.ok;
}

async function reportOf(folder: ArenaFolder, flags: Flags): Promise<ArenaReport> {
  const judge = chooseJudge(folder, flags.judge);
  const judgmentFiles = folder.judgmentFiles(judge);
  const baseline = flags.baseline === undefined ? undefined : String(flags.baseline);
  const judgments = judgmentFiles.flatMap((path) => readJudgments(path, baseline ?? DEFAULT_BASELINE));
  const judged = readManifest(folder.manifest(judge));
  const answerFiles = folder.answerFiles();
  const questions = folder.questionsFrom(undefined);
  const own = makeManifest({
    data: folder.hashes([questions, ...answerFiles, ...judgmentFiles]),
    texts: { ...judged?.texts },
    settings: { judge, ...judged?.settings },
  });
  return makeArenaReport({
    judgments,
    questions: readQuestions(questions),
    answers: answerFiles.flatMap(readAnswers),
    manifest: {
      ...own,
      // The report is made of what was judged then: made again, it is the same.
      ...(judged && { command: `${judged.command} && ${own.command}`, created: judged.created }),
    },
    ...(baseline !== undefined && { baseline }),
  });
}

function chooseJudge(folder: ArenaFolder, wanted: unknown): string {
  const judges = folder.judges();
  const [only] = judges;
  if (only === undefined)
    throw new InputError(`there are no judgments in ${folder.path}: vikhr eval arena judge makes them`);
  if (wanted === undefined && judges.length > 1)
    throw new InputError(`${folder.path} has several judges: give --judge, one of ${judges.join(", ")}`);
  if (wanted !== undefined && !judges.includes(String(wanted)))
    throw new InputError(
      `${String(wanted)} judged nothing in ${folder.path}: there are ${judges.join(", ")}`,
    );
  return wanted === undefined ? only : String(wanted);
}

const BOUNDS = { "at least": "≥ ", "at most": "≤ " };

/** As Markdown: rating and win rate with their intervals by question. */
function leaderboardLines({ leaderboard, unrated = [] }: ArenaReport): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const shown = (value: number, { low, high }: { low: number; high: number }) =>
    `${value.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`;
  return [
    line(["rank", "model", "rating", "win rate, %", "tokens", "without a score"]),
    line(["---", "---", "---:", "---:", "---:", "---:"]),
    ...leaderboard.map(({ rank, model, rating, ratingIntervals, winRate, winRateIntervals, ...row }) =>
      line([
        rank.best === rank.worst ? String(rank.best) : `${rank.best}-${rank.worst}`,
        model.replaceAll("|", "\\|"),
        `${row.bound ? BOUNDS[row.bound] : ""}${shown(rating, ratingIntervals.byQuestion)}`,
        shown(winRate, winRateIntervals.byQuestion),
        String(row.averageTokens ?? "-"),
        `${row.unscored} of ${row.games}`,
      ]),
    ),
    ...(unrated.length > 0 ? [`without a rating: ${unrated.join(", ")}`] : []),
  ];
}
