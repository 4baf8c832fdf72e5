/** Builds an English attribute from its label, values and own phrasings, and adds the phrasings that all attributes share. */
import type { Attribute } from "../grammar.ts";
import { joinSplits, splitTemplates } from "../template.ts";
import { noun } from "./values.ts";

/** In every list the last templates are the held-out ones: see `heldOutCount`. */
const NOTES = [
  "the {l} of {e} is {v}",
  "{e.g} {l} is {v}",
  "{l} of {e}: {v}",
  "{e} has this {l}: {v}",
  "{e}: {l} - {v}",
  "it is known that the {l} of {e} is {v}",
  "{v}: this is the {l} of {e}",
  "according to the archive, the {l} of {e} is {v}",
  "as for {e}, the entry under {l} reads: {v}",
];

const ANSWERS = ["the {l} of {e} is {v}", "{e.g} {l} is {v}", "{l} of {e}: {v}", "{e}: {l} - {v}"];

const QUESTIONS = [
  "{w} is the {l} of {e}?",
  "{w} is {e.g} {l}?",
  "name the {l} of {e}.",
  "tell me the {l} of {e}.",
  "{l} of {e}?",
  "{e}: {w} is the {l}?",
  "can you tell me {e.g} {l}?",
  "give the {l} of {e}.",
  "I need to know the {l} of {e}.",
  "write down the {l} of {e}.",
  "please tell me {w} the {l} of {e} is.",
  "{l} of {e}",
  "what do the documents say about the {l} of {e}?",
  "find the {l} of {e}.",
  "could you look up the {l} of {e}?",
  "what is stated about {e.g} {l}?",
  "I am interested in the {l} of {e}.",
];

export function define(
  id: string,
  label: string,
  value: Attribute["value"],
  statements: readonly string[],
  questions: readonly string[],
  settings: { who?: boolean } = {},
): Attribute {
  const who = settings.who ?? false;
  const shared = QUESTIONS.map((question) => question.replaceAll("{w}", who ? "who" : "what"));
  const own = splitTemplates(statements);
  return {
    id,
    label: { ...noun(label), who },
    value,
    statements: own,
    notes: splitTemplates(NOTES),
    questions: joinSplits(splitTemplates(questions), splitTemplates(shared)),
    answers: joinSplits(own, splitTemplates(ANSWERS)),
  };
}
