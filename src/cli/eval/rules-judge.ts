/** The judge `rules`: no model, only what a test set says that a right answer must hold. */
import type { RulesJudge } from "../../evaluation/rag/make-rag-report.ts";
import { readsAsRefusal } from "../../evaluation/rag/reads-as-refusal.ts";
import { holdsValues } from "../../synthesis/grounded/score.ts";

export const RULES =
  'The judge "rules" is no model. In domain an answer is correct where it holds every value that the question asks for, as whole words in one of the spellings that count (case forms among them), and a yes-no answer opens with the right one of the two; whatever else it says does not count against it. Out of domain it is correct where it refuses. Questions whose test set lists no values have no verdict ("no-rule").';

export const judgeByRules: RulesJudge = ({ domain, valueForms, polarity }, answer) => {
  if (domain === "out_of_domain") return readsAsRefusal(answer);
  if (!valueForms) return null;
  return holdsValues({ value_forms: valueForms, ...(polarity && { polarity }) }, answer);
};
