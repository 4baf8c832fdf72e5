/** Builds a Russian attribute from its label, values and own phrasings, and adds the phrasings that all attributes share. */
import type { Attribute, Label } from "../grammar.ts";
import { joinSplits, splitTemplates } from "../template.ts";
import { declineAdjective, declineNoun, joinForms, undeclined } from "./inflect.ts";

/** "год основания", "любимая еда": an optional adjective, a regular noun, a tail that stays as it is. */
export interface LabelSpec {
  adjective?: string;
  noun: string;
  gender: Label["gender"];
  tail?: string;
  who?: boolean;
}

function makeLabel(spec: LabelSpec): Label {
  const noun = declineNoun(spec.noun, spec.gender, spec.who ?? false);
  const adjective = spec.adjective && declineAdjective(spec.adjective, spec.gender, spec.who ?? false);
  const core = adjective ? joinForms(adjective, noun.forms) : noun.forms;
  const forms = spec.tail ? joinForms(core, undeclined(spec.tail)) : core;
  return { forms, gender: spec.gender, who: spec.who ?? false };
}

/** In every list the last templates are the held-out ones: see `heldOutCount`. */
const NOTES = [
  "{l} {e.g} — {v}",
  "{l} {e.g}: {v}",
  "у {e.g} {l} — {v}",
  "{e}: {l} — {v}",
  "известно, что {l} {e.g} — {v}",
  "{v} — {l} {e.g}",
  "в справочнике указано: {l} {e.g} — {v}",
  "{l} {e.g}, по данным архива, — {v}",
  "если говорить об {e.p}, то {l} — {v}",
];

const ANSWERS = ["{l} {e.g} — {v}", "{l} {e.g}: {v}", "у {e.g} {l} — {v}", "{e}: {l} — {v}"];

const QUESTIONS = [
  "{w} {l} у {e.g}?",
  "{w} {l} {e.g}?",
  "назови {l.a} {e.g}.",
  "назовите {l.a} {e.g}.",
  "{l} {e.g}?",
  "{e}: {w} {l}?",
  "подскажи, {w} {l} {e.g}?",
  "укажи {l.a} {e.g}.",
  "мне нужно узнать {l.a} {e.g}.",
  "напиши {l.a} {e.g}.",
  "скажи, {w} {l} у {e.g}?",
  "{l} {e.g}",
  "что сказано в документах о {l.p} {e.g}?",
  "найди {l.a} {e.g}.",
  "не подскажете {l.a} {e.g}?",
  "какие есть сведения о {l.p} {e.g}?",
  "меня интересует {l} {e.g}.",
];

export function define(
  id: string,
  label: LabelSpec,
  value: Attribute["value"],
  statements: readonly string[],
  questions: readonly string[],
): Attribute {
  const word = label.who ? "кто" : "{l:какой|какая|какое}";
  const shared = QUESTIONS.map((q) => q.replaceAll("{w}", word));
  const own = splitTemplates(statements);
  return {
    id,
    label: makeLabel(label),
    value,
    statements: own,
    notes: splitTemplates(NOTES),
    questions: joinSplits(splitTemplates(questions), splitTemplates(shared)),
    answers: joinSplits(own, splitTemplates(ANSWERS)),
  };
}
