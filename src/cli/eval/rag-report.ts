/** A run of `vikhr eval rag` -> its report, with all that another person needs to make it again. */
import { readJournal } from "../../evaluation/calls/journal.ts";
import { ATTACKS } from "../../evaluation/rag/attacks.ts";
import { BOOTSTRAP } from "../../evaluation/rag/bootstrap.ts";
import { JUDGE_SYSTEM, VERDICT_RULES } from "../../evaluation/rag/judge-answer.ts";
import { makeRagReport } from "../../evaluation/rag/make-rag-report.ts";
import type { RagReport } from "../../evaluation/rag/rag-report.ts";
import { REFUSAL_RULE } from "../../evaluation/rag/reads-as-refusal.ts";
import type { RunFile } from "../../evaluation/rag/run-file.ts";
import type { Judging } from "../../evaluation/rag/run-rag.ts";
import { SINGLE_PROMPT } from "../../evaluation/rag/single-prompt.ts";
import type { Trials } from "../../evaluation/rag/trials.ts";
import { GROUNDED_SYSTEM_PROMPT } from "../../spec/grounding.ts";
import { makeManifest } from "./make-manifest.ts";
import { judgeByRules, RULES } from "./rules-judge.ts";

export interface ReportedRun {
  /** Of all models of the folder. */
  joined: RunFile;
  trials: Trials;
  /** undefined: rules. */
  judging: Judging | undefined;
  /** The journal's file. */
  journal: string;
  concurrency: number;
  /** ISO 8601. Default: now. */
  created?: string;
}

export function ragReport(run: ReportedRun): RagReport {
  const { joined, trials, judging, journal, concurrency, created } = run;
  const { questions, noise, counterfactual, attacks } = trials;
  const manifest = makeManifest({
    data: joined.data,
    texts: {
      "two-step system prompt": GROUNDED_SYSTEM_PROMPT,
      "single prompt": SINGLE_PROMPT,
      ...(judging ? { "judge prompt": JUDGE_SYSTEM, verdicts: VERDICT_RULES } : { judge: RULES }),
      "what a refusal is": REFUSAL_RULE,
      ...Object.fromEntries(
        ATTACKS.flatMap(({ name, place, text }) =>
          (["ru", "en"] as const).map((language) => [
            `attack ${name}, ${language}, in a document that is ${place === "relevant" ? "" : "not "}relevant`,
            text[language],
          ]),
        ),
      ),
    },
    settings: {
      judge: judging?.judge.name ?? "rules",
      questions: questions.length,
      "questions under noise": noise.length,
      "counterfactual questions": counterfactual.length,
      "attacked questions": attacks.length,
      "bootstrap rounds": BOOTSTRAP.rounds,
      "bootstrap seed": BOOTSTRAP.seed,
      concurrency,
      ...Object.fromEntries(
        joined.models.flatMap(({ name, settings }) =>
          Object.entries(settings).map(([key, value]) => [`${name}: ${key}`, value]),
        ),
      ),
    },
  });
  return makeRagReport({
    manifest: { ...manifest, ...(created !== undefined && { created }) },
    models: joined.models,
    trials,
    records: readJournal(journal),
    judge: judging ? { name: judging.judge.name } : { rules: judgeByRules },
  });
}
