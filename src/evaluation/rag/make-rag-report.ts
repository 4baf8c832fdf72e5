/** What was answered and judged in, the whole report as data out. Asks nobody: a report can be made again offline. */
import type { GroundedTestRow } from "../../datasets/grounded-test-row.ts";
import type { Completion } from "../calls/ask-model.ts";
import type { Records } from "../calls/calls.ts";
import { countKinds } from "../calls/count-kinds.ts";
import type { Manifest } from "../manifest.ts";
import type { RagAnswer } from "./ask-grounded.ts";
import { estimateMean, type Observed } from "./bootstrap.ts";
import { calibrationOf, type Forecast } from "./calibration.ts";
import { holdsStem } from "./counterfactuals.ts";
import { readVerdict } from "./judge-answer.ts";
import { clusterOf, metricDefinitions, metricsOf, type Observation } from "./metrics.ts";
import { MAX_DISTRACTORS } from "./noise.ts";
import type { Protocol, RagQuestionView, RagReport, RagRow } from "./rag-report.ts";
import { answerName, answerOf, type RagModel, verdictName } from "./run-rag.ts";
import type { Trial, Trials } from "./trials.ts";

/** Rules, where a test set has them, judge at once; null: they say nothing of this question. */
export type RulesJudge = (row: GroundedTestRow, answer: string) => boolean | null;

export interface RagReportInput {
  manifest: Manifest;
  models: readonly Pick<RagModel, "name" | "protocols">[];
  trials: Trials;
  records: Records;
  /** Rules, or the name of the model whose verdicts are in the journal; undefined: nobody judges. */
  judge: { rules: RulesJudge } | { name: string } | undefined;
}

const DOMAINS = ["in_domain", "out_of_domain"] as const;

export function makeRagReport(input: RagReportInput): RagReport {
  const runs = input.models.flatMap(({ name, protocols }) =>
    protocols.map((protocol) => new OneRun(input, name, protocol)),
  );
  return {
    kind: "rag",
    manifest: input.manifest,
    metrics: metricDefinitions(),
    rows: runs.flatMap((run) => run.rows()),
    noise: runs.flatMap((run) => run.noise()),
    counterfactual: runs.flatMap((run) => run.counterfactual()),
    attacks: runs.flatMap((run) => run.attacks()),
    calibration: runs.flatMap((run) => run.calibration()),
    questions: runs.flatMap((run) => run.views()),
  };
}

interface Seen {
  trial: Trial;
  answer?: RagAnswer;
  failure?: string;
  /** undefined: nobody judges. */
  isCorrect?: boolean | null;
  judgeFailure?: string;
  judgment?: string;
}

/** One model by one protocol. */
class OneRun {
  readonly #input: RagReportInput;
  readonly #model: string;
  readonly #protocol: Protocol;
  /** Of the questions themselves. */
  readonly #seen: Seen[];

  constructor(input: RagReportInput, model: string, protocol: Protocol) {
    this.#input = input;
    this.#model = model;
    this.#protocol = protocol;
    this.#seen = input.trials.questions.map((trial) => this.#look(trial));
  }

  rows(): RagRow[] {
    return DOMAINS.map((domain) => {
      const seen = this.#seen.filter(({ trial }) => trial.row.domain === domain);
      return {
        ...this.#names(),
        domain,
        questions: seen.length,
        failures: countKinds(seen.map(({ failure }) => failure)),
        judgeFailures: countKinds(seen.map(({ judgeFailure }) => judgeFailure)),
        metrics: metricsOf(seen.flatMap(observed)),
      };
    }).filter(({ questions }) => questions > 0);
  }

  noise(): RagReport["noise"] {
    const { noise } = this.#input.trials;
    return Array.from({ length: MAX_DISTRACTORS + 1 }, (_, distractors) => {
      const seen = noise
        .filter((trial) => trial.distractors === distractors)
        .map((trial) => this.#look(trial));
      return { ...this.#names(), distractors, metrics: metricsOf(seen.flatMap(observed)) };
    }).filter(({ metrics }) => Object.keys(metrics).length > 0);
  }

  counterfactual(): RagReport["counterfactual"] {
    const answered = this.#input.trials.counterfactual.flatMap((trial) => {
      const answer = this.#answer(trial)?.answer;
      return answer === undefined ? [] : [{ ...trial, answer }];
    });
    const share = (holds: (one: (typeof answered)[number]) => boolean) =>
      estimateMean(answered.map((one) => ({ cluster: one.name, value: holds(one) ? 100 : 0 })));
    const saysOtherwise = share(({ answer, known }) => holdsStem(answer, known));
    const followsDocument = share(
      ({ answer, told, known }) => holdsStem(answer, told) && !holdsStem(answer, known),
    );
    return followsDocument && saysOtherwise ? [{ ...this.#names(), followsDocument, saysOtherwise }] : [];
  }

  /** Of questions whose answer without the attack does not look as if it had succeeded. */
  attacks(): RagReport["attacks"] {
    const { attacks } = this.#input.trials;
    const plain = new Map(this.#seen.map(({ trial, answer }) => [trial.row.id, answer]));
    const groups = new Map<string, { attack: string; language: "ru" | "en"; observed: Observed[] }>();
    for (const trial of attacks) {
      const { attack, carrier, text, row, origin } = trial;
      const [before, after] = [plain.get(origin), this.#answer(trial)];
      if (!before || !after || attack.succeeded(before, carrier, text) !== false) continue;
      const success = attack.succeeded(after, carrier, text);
      if (success === undefined) continue;
      const key = `${attack.name} ${row.language}`;
      const group = groups.get(key) ?? { attack: attack.name, language: row.language, observed: [] };
      group.observed.push({ cluster: clusterOf(row), value: success ? 100 : 0 });
      groups.set(key, group);
    }
    return [...groups.values()].map(({ observed, ...group }) => ({
      ...this.#names(),
      ...group,
      success: estimateMean(observed)!,
    }));
  }

  calibration(): RagReport["calibration"] {
    const forecasts = this.#seen.flatMap(({ trial: { row }, answer }) =>
      (answer?.relevance ?? []).map(
        ([docId, probability]): Forecast => ({
          cluster: clusterOf(row),
          probability,
          isRelevant: row.relevantDocIds.includes(docId),
        }),
      ),
    );
    const found = calibrationOf(forecasts);
    return found ? [{ model: this.#model, ...found }] : [];
  }

  views(): RagQuestionView[] {
    return this.#seen.map((seen) => {
      const { id, domain, language, messages, documents, relevantDocIds, reference } = seen.trial.row;
      return {
        id,
        ...this.#names(),
        domain,
        language,
        question: messages.at(-1)!.content,
        documents,
        expectedIds: relevantDocIds,
        predictedIds: seen.answer?.predictedIds ?? null,
        reference,
        answer: seen.answer?.answer ?? null,
        ...(seen.failure !== undefined && { failure: seen.failure }),
        ...(seen.isCorrect !== undefined && { isCorrect: seen.isCorrect }),
        ...(seen.judgment !== undefined && { judgment: seen.judgment }),
      };
    });
  }

  #names() {
    return { model: this.#model, protocol: this.#protocol };
  }

  #answer(trial: Trial): RagAnswer | undefined {
    return answerOf(this.#input.records.get(answerName(this.#model, this.#protocol, trial)));
  }

  #look(trial: Trial): Seen {
    const record = this.#input.records.get(answerName(this.#model, this.#protocol, trial));
    if (!record) return { trial, failure: "not-asked" };
    if (record.failure) return { trial, failure: record.failure.kind };
    const answer = record.value as RagAnswer;
    return { trial, answer, ...this.#verdict(trial, answer) };
  }

  #verdict(trial: Trial, { answer }: RagAnswer): Partial<Seen> {
    const { judge, records } = this.#input;
    if (judge === undefined) return {};
    if ("rules" in judge) {
      const isCorrect = judge.rules(trial.row, answer);
      return isCorrect === null ? { isCorrect, judgeFailure: "no-rule" } : { isCorrect };
    }
    const record = records.get(verdictName(judge.name, { ...this.#names(), trial }));
    if (!record) return { isCorrect: null, judgeFailure: "not-asked" };
    if (record.failure) return { isCorrect: null, judgeFailure: record.failure.kind };
    const completion = record.value as Completion;
    const verdict = readVerdict(completion);
    return "failure" in verdict
      ? { isCorrect: null, judgeFailure: verdict.failure, judgment: completion.text }
      : { isCorrect: verdict.isCorrect, judgment: completion.text };
  }
}

/** null where nobody gave a verdict, too: both are no observation of the judge. */
function observed({ trial, answer, isCorrect = null }: Seen): Observation[] {
  return answer ? [{ row: trial.row, answer, isCorrect }] : [];
}
