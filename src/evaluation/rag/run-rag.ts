/**
 * The calls of the RAG benchmark: every trial to every model by every protocol, and then the answers to a judge. What is in
 * the journal is not asked again, and models are opened only where something is left to ask.
 */
import type { Message } from "../../spec/message.ts";
import { mapConcurrently } from "../../util/map-concurrently.ts";
import { type Completion, roughTokens } from "../calls/ask-model.ts";
import { type Answered, type Call, type Calls, type Plan, planOf, type Records } from "../calls/calls.ts";
import type { CallRecord } from "../calls/journal.ts";
import type { Ask, RagAnswer } from "./ask-grounded.ts";
import { JUDGE_SYSTEM, judgePrompt, MAX_JUDGMENT_TOKENS } from "./judge-answer.ts";
import type { Protocol } from "./rag-report.ts";
import { SINGLE_PROMPT } from "./single-prompt.ts";
import { allTrials, type Trial, type Trials } from "./trials.ts";

export interface RagModel {
  name: string;
  protocols: readonly Protocol[];
  /** What else its answers depend on. */
  settings: Record<string, string | number | boolean>;
  /** Longest answer; 0 for quotes, which cost no tokens. */
  maxTokens: number;
  open(): Promise<{ askBy(protocol: Protocol): Ask; close(): Promise<void> }>;
}

export interface JudgeModel {
  name: string;
  /** Verdicts of one are no verdicts of another. */
  identity: Record<string, string>;
  open(): Promise<{
    ask(prompt: readonly Message[], signal: AbortSignal): Promise<Answered<Completion>>;
    close(): Promise<void>;
  }>;
}

/** An answer of one model, to be judged. */
export interface Judged {
  model: string;
  protocol: Protocol;
  trial: Trial;
}

/** Questions that are asked alone first: a server that refuses a protocol is not asked a thousand times. */
const PILOT = 3;

/** Of the two steps' selection. */
const SELECTION_TOKENS = 128;

export const answerName = (model: string, protocol: Protocol, trial: Trial) =>
  `answer | ${model} | ${protocol} | ${trial.name}`;

export const verdictName = (judge: string, { model, protocol, trial }: Judged) =>
  `verdict | ${judge} | ${model} | ${protocol} | ${trial.name}`;

function answerCall({ name, settings, maxTokens }: RagModel, protocol: Protocol, trial: Trial): Call {
  const { documents, messages } = trial.row;
  const prompt = roughTokens(JSON.stringify([documents, messages]));
  const tokens =
    protocol === "two-step"
      ? 2 * (prompt + SELECTION_TOKENS) + maxTokens
      : prompt + roughTokens(SINGLE_PROMPT) + maxTokens;
  return {
    name: answerName(name, protocol, trial),
    input: { model: name, protocol, settings, documents, messages },
    tokens: maxTokens === 0 ? 0 : tokens,
  };
}

/** `answer`: undefined where it is not there yet. */
function verdictCall(
  { name, identity }: JudgeModel,
  judged: Judged,
  answer: string | undefined,
  maxTokens: number,
): Call {
  const { row } = judged.trial;
  const input = answer === undefined ? null : { judge: identity, prompt: judgePrompt(row, answer) };
  const prompt = roughTokens(JUDGE_SYSTEM + JSON.stringify(row.documents) + row.reference + (answer ?? ""));
  return {
    name: verdictName(name, judged),
    input,
    tokens: prompt + (answer === undefined ? maxTokens : 0) + MAX_JUDGMENT_TOKENS,
  };
}

/** All answers that a judge is to see, of these models. */
export function judgedAnswers(
  models: readonly Pick<RagModel, "name" | "protocols">[],
  trials: Trials,
): Judged[] {
  return models.flatMap(({ name, protocols }) =>
    protocols.flatMap((protocol) =>
      allTrials(trials)
        .filter(({ isJudged }) => isJudged)
        .map((trial) => ({ model: name, protocol, trial })),
    ),
  );
}

export function answerOf(record: CallRecord | undefined): RagAnswer | undefined {
  return record && !record.failure ? (record.value as RagAnswer) : undefined;
}

export interface Judging {
  judge: JudgeModel;
  judged: readonly Judged[];
}

/** All answers of a run, and what they may cost. */
export function planAnswers(records: Records, models: readonly RagModel[], trials: Trials): Plan {
  const all = allTrials(trials);
  const calls = models.flatMap((model) =>
    model.protocols.flatMap((protocol) => all.map((trial) => answerCall(model, protocol, trial))),
  );
  return planOf(records, calls);
}

/** `longest`: of the answers that are not there yet, in tokens. */
export function planVerdicts(records: Records, { judge, judged }: Judging, longest: number): Plan {
  const calls = judged.map((one) => {
    const answer = answerOf(records.get(answerName(one.model, one.protocol, one.trial)));
    return verdictCall(judge, one, answer?.answer, longest);
  });
  return planOf(records, calls);
}

/** Asks what is not known. A protocol that a server refuses at once is given up. */
export async function askTrials(
  calls: Calls,
  records: Records,
  model: RagModel,
  trials: Trials,
  concurrency: number,
): Promise<void> {
  const { calls: left, known } = planAnswers(records, [model], trials);
  if (left === 0) {
    calls.tally.known += known;
    return;
  }
  const { askBy, close } = await model.open();
  try {
    for (const protocol of model.protocols) {
      const ask = askBy(protocol);
      const make = (trial: Trial) =>
        calls.make(answerCall(model, protocol, trial), (signal) => ask(trial.row, signal));
      const all = allTrials(trials);
      const pilot = await mapConcurrently(all.slice(0, PILOT), make, { limit: concurrency });
      if (pilot.every(({ failure }) => failure?.kind === "http-4xx")) continue;
      await mapConcurrently(all.slice(PILOT), make, { limit: concurrency });
    }
  } finally {
    await close();
  }
}

/** Verdicts on the answers that there are, of whichever run. */
export async function askVerdicts(
  calls: Calls,
  records: Records,
  { judge, judged }: Judging,
  concurrency: number,
): Promise<void> {
  const answered = judged.flatMap((one) => {
    const answer = answerOf(records.get(answerName(one.model, one.protocol, one.trial)));
    return answer
      ? [
          {
            prompt: judgePrompt(one.trial.row, answer.answer),
            call: verdictCall(judge, one, answer.answer, 0),
          },
        ]
      : [];
  });
  const { calls: left, known } = planOf(
    records,
    answered.map(({ call }) => call),
  );
  if (left === 0) {
    calls.tally.known += known;
    return;
  }
  const { ask, close } = await judge.open();
  try {
    const make = ({ prompt, call }: (typeof answered)[number]) =>
      calls.make<Completion>(call, (signal) => ask(prompt, signal));
    await mapConcurrently(answered, make, { limit: concurrency });
  } finally {
    await close();
  }
}
