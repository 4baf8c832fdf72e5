/** `vikhr eval rag`: a test set and a model in; by both protocols its answers, their verdicts, and a report on all models asked. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { readTestSet, type TestSet } from "../../datasets/read-test-set.ts";
import { EXIT, InputError } from "../../errors.ts";
import type { Plan } from "../../evaluation/calls/calls.ts";
import { readJournal } from "../../evaluation/calls/journal.ts";
import type { Protocol, RagReport } from "../../evaluation/rag/rag-report.ts";
import { joinRun, readRun, writeRun } from "../../evaluation/rag/run-file.ts";
import {
  askTrials,
  askVerdicts,
  judgedAnswers,
  planAnswers,
  planVerdicts,
  type RagModel,
} from "../../evaluation/rag/run-rag.ts";
import { makeTrials, trialsHash } from "../../evaluation/rag/trials.ts";
import { compareReports } from "../../evaluation/report/compare/compare-reports.ts";
import { failUnder } from "../../evaluation/report/fail-under.ts";
import { makeFolder } from "../../util/make-folder.ts";
import { terminalJson } from "../../util/terminal-text.ts";
import { readSettings } from "../settings.ts";
import { type Ended, makeCalls } from "./make-calls.ts";
import { judgeModel, quotesModel, ragModel } from "./rag-models.ts";
import { type ReportedRun, ragReport } from "./rag-report.ts";
import { ragTable } from "./rag-table.ts";
import { generatedTestSet, TEST_SET_SEED } from "./rag-test-set.ts";
import { describePlan, describeTally, say, wholeFlag } from "./run-planned.ts";
import { sayMissed, writeReport } from "./write-report.ts";

type Flags = Record<string, unknown>;

const DEFAULT_RUN = "runs/rag";
/** Of each domain. */
const DEFAULT_QUESTIONS = 500;
const DEFAULT_CONCURRENCY = 8;

export async function evalRag(flags: Flags): Promise<number> {
  const run = await prepare(flags);
  // What cannot be compared is said before anything is asked.
  const before = flags.compare === undefined ? undefined : reportOfEarlier(run, String(flags.compare));
  const records = readJournal(run.journal);
  const plans = planOfRun(run, records);
  for (const line of plans.lines) say(flags, line);
  if (flags.dryRun) {
    if (flags.json) process.stdout.write(`${terminalJson({ plan: plans.plan })}\n`);
    return EXIT.ok;
  }
  makeFolder(run.folder);
  const ended = await ask(run, plans.calls);
  const report = ragReport(run);
  const page = await writeReport(run.folder, report, before ? [compareReports(before, report)] : []);
  return conclude(run, report, page, ended);
}

interface Run extends ReportedRun {
  flags: Flags;
  folder: string;
  file: string;
  /** Of this run. */
  models: RagModel[];
  budgetTokens: number | undefined;
}

async function prepare(flags: Flags): Promise<Run> {
  const settings = readSettings({ flags });
  const isQuiet = Boolean(flags.json);
  const questions = wholeFlag(flags, "questions") ?? DEFAULT_QUESTIONS;
  const isNamed = settings.baseUrl !== undefined || !["quotes", undefined].includes(settings.model);
  const models = [
    quotesModel,
    ...(isNamed ? [ragModel(settings, flags.name, protocolsOf(flags.protocol), isQuiet)] : []),
  ];
  const { rows, data } = await testSet(flags.data as string | undefined, questions);
  const trials = makeTrials(rows, questions);
  const folder = String(flags.run ?? DEFAULT_RUN);
  const file = join(folder, "run.json");
  const own = models.map(({ name, protocols, settings }) => ({ name, protocols: [...protocols], settings }));
  const joined = joinRun(file, { trials: trialsHash(trials), data, questions, models: own });
  const judge = judgeModel(flags, isQuiet);
  return {
    flags,
    folder,
    file,
    journal: join(folder, "calls.jsonl"),
    joined,
    models,
    trials,
    judging: judge && { judge, judged: judgedAnswers(joined.models, trials) },
    concurrency: wholeFlag(flags, "concurrency") ?? DEFAULT_CONCURRENCY,
    budgetTokens: wholeFlag(flags, "budgetTokens"),
  };
}

/** Of another folder, where the same questions were asked. */
function reportOfEarlier(run: Run, folder: string): RagReport {
  const joined = readRun(join(folder, "run.json"));
  if (!joined)
    throw new InputError(`${folder} has no run.json: --compare wants the folder of an earlier run`);
  if (joined.trials !== run.joined.trials)
    throw new InputError(
      `${folder}: other questions were asked there, and runs are compared on the same ones`,
    );
  const journal = join(folder, "calls.jsonl");
  const judging = run.judging && { ...run.judging, judged: judgedAnswers(joined.models, run.trials) };
  const created = statSync(join(folder, "run.json")).mtime.toISOString();
  return ragReport({ ...run, joined, journal, judging, created });
}

async function testSet(
  path: string | undefined,
  questions: number,
): Promise<{ rows: TestSet["rows"]; data: Record<string, string> }> {
  if (path === undefined) {
    const { rows, sha256 } = generatedTestSet(questions);
    return { rows, data: { [`generated, seed ${TEST_SET_SEED}`]: sha256 } };
  }
  const { rows, sha256 } = await readTestSet(path);
  return { rows, data: { [path]: sha256 } };
}

function protocolsOf(given: unknown): Protocol[] {
  if (given === undefined || given === "both") return ["two-step", "single-prompt"];
  if (given === "two-step" || given === "single-prompt") return [given];
  throw new InputError(`--protocol is ${JSON.stringify(given)} and must be both, two-step or single-prompt`);
}

function planOfRun({ models, trials, judging }: Run, records: ReturnType<typeof readJournal>) {
  const paid = models.filter(({ maxTokens }) => maxTokens > 0);
  const quoted = models.filter(({ maxTokens }) => maxTokens === 0);
  const longest = Math.max(0, ...models.map(({ maxTokens }) => maxTokens));
  const plan: Record<string, Plan> = {
    ...Object.fromEntries([...quoted, ...paid].map((m) => [m.name, planAnswers(records, [m], trials)])),
    ...(judging && { [`${judging.judge.name}, the judge`]: planVerdicts(records, judging, longest) }),
  };
  const calls = Object.values(plan).reduce((sum, one) => sum + one.calls + one.known, 0);
  return { plan, calls, lines: Object.entries(plan).map(([name, one]) => describePlan(one, name)) };
}

/** `total`: how many calls there will be, for the progress. */
function ask(run: Run, total: number): Promise<Ended> {
  const { models, trials, judging, concurrency, budgetTokens } = run;
  return makeCalls({
    journal: run.journal,
    budgetTokens,
    total: () => total,
    async work(calls, journal) {
      // Before anything is asked: after kill -9 it tells what was.
      await writeRun(run.file, run.joined);
      for (const model of models) await askTrials(calls, journal, model, trials, concurrency);
      if (judging) await askVerdicts(calls, journal, judging, concurrency);
    },
  });
}

function conclude({ flags }: Run, report: RagReport, page: string, ended: Ended): number {
  const { tally, isInterrupted, error } = ended;
  const thresholds = (flags.failUnder ?? []) as string[];
  const missed = isInterrupted || error !== undefined ? [] : failUnder([report], thresholds);
  for (const line of [describeTally(tally), ...ragTable(report), page]) say(flags, line);
  if (flags.json) {
    const { manifest, rows } = report;
    process.stdout.write(`${terminalJson({ page, ...tally, manifest, rows, missed })}\n`);
  }
  if (isInterrupted) {
    process.stderr.write("vikhr: stopped; what is done is kept, and the same command goes on\n");
    return EXIT.interrupted;
  }
  if (error !== undefined) throw error;
  sayMissed(missed);
  if (missed.length > 0) return EXIT.failure;
  if (tally.failed === 0) return EXIT.ok;
  process.stderr.write(
    `vikhr: ${tally.failed} calls failed, which the report counts by kind: the same command asks them again\n`,
  );
  return EXIT.partly;
}
