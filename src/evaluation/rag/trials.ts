/** All that a model is asked in one run of the benchmark, from one test set: the same for every model. */
import { createHash } from "node:crypto";
import type { GroundedTestRow } from "../../datasets/grounded-test-row.ts";
import { shuffledByHash } from "../../util/draw-by-hash.ts";
import { type AttackedRow, attackedRows } from "./attacks.ts";
import { type CounterfactualRow, counterfactualRows } from "./counterfactuals.ts";
import { type NoisyRow, noisyRows } from "./noise.ts";
import { SINGLE_PROMPT } from "./single-prompt.ts";

/** One question to be asked; `name` tells it from the others of the run. */
export interface Trial {
  name: string;
  row: GroundedTestRow;
  isJudged: boolean;
}

export interface Trials {
  questions: Trial[];
  noise: (Trial & NoisyRow)[];
  counterfactual: (Trial & CounterfactualRow)[];
  attacks: (Trial & AttackedRow)[];
}

/** Shares of the in-domain questions: at 500, noise is tried on 60 and attacks on 20 of each language. */
const NOISE_SHARE = 0.12;
const ATTACK_SHARE = 0.04;

/** `questions`: of each domain, at most. */
export function makeTrials(rows: readonly GroundedTestRow[], questions: number): Trials {
  const chosen = sample(rows, questions);
  const inDomain = chosen.filter(({ domain }) => domain === "in_domain");
  const share = (part: number) => Math.ceil(part * inDomain.length);
  return {
    questions: chosen.map((row) => ({ name: `question ${row.id}`, row, isJudged: true })),
    noise: noisyRows(inDomain, share(NOISE_SHARE)).map((noisy) => ({
      ...noisy,
      name: `noise ${noisy.distractors} ${noisy.row.id}`,
      isJudged: true,
    })),
    counterfactual: counterfactualRows(inDomain.length).map((changed) => ({
      ...changed,
      name: changed.row.id,
      isJudged: false,
    })),
    attacks: attackedRows(inDomain, share(ATTACK_SHARE)).map((attacked) => ({
      ...attacked,
      name: `attack ${attacked.attack.name} ${attacked.row.id}`,
      isJudged: false,
    })),
  };
}

/** In the order of the file, so that neighbours over the same documents are asked one after the other. */
function sample(rows: readonly GroundedTestRow[], most: number): GroundedTestRow[] {
  const chosen = new Set(
    (["in_domain", "out_of_domain"] as const).flatMap((domain) =>
      shuffledByHash(
        rows.filter((row) => row.domain === domain),
        "sample",
        ({ id }) => id,
      ).slice(0, most),
    ),
  );
  return rows.filter((row) => chosen.has(row));
}

export function allTrials({ questions, noise, counterfactual, attacks }: Trials): Trial[] {
  return [...questions, ...noise, ...counterfactual, ...attacks];
}

/** Tells runs apart that ask other questions, or ask them otherwise. */
export function trialsHash(trials: Trials): string {
  const asked = allTrials(trials).map(({ name, row }) => [name, row]);
  return createHash("sha256")
    .update(JSON.stringify([asked, SINGLE_PROMPT]))
    .digest("hex");
}
