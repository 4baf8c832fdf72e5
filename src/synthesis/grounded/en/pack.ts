/** The English language pack: how an entity is named inside a sentence, and all phrasings together. */
import type { Entity, Noun } from "../grammar.ts";
import type { LanguagePack } from "../language-pack.ts";
import { capitalise } from "../stems.ts";
import { splitList, splitTemplates } from "../template.ts";
import { CHAT } from "./chat.ts";
import * as phrases from "./phrases.ts";
import { TYPES } from "./types.ts";
import { noun } from "./values.ts";

/** "Verol", "the river Verol", "the town of Verol"; a head that stands for itself takes the article too. */
function refer(entity: Entity, withHead: boolean, mark: string): Noun {
  const name = `${entity.name.forms.n}${mark}`;
  return withHead && entity.head ? noun(`the ${entity.head.forms.n} ${name}`) : noun(name);
}

export const ENGLISH: LanguagePack = {
  language: "en",
  types: TYPES,
  refer,
  headAlone: ({ head }) => head && noun(`the ${head.forms.n.replace(/ of$/, "")}`),
  standsAlone: /^(?:\{|can you|please|could|what do the documents|what is stated)/,
  finish: capitalise,
  aroundStatement: splitList(phrases.AROUND_STATEMENT),
  aroundQuestion: splitList(phrases.AROUND_QUESTION),
  yesNo: splitList(phrases.YES_NO),
  yes: "Yes",
  no: "No",
  joinQuestions: splitList(phrases.JOIN_QUESTIONS),
  compare: splitTemplates(phrases.COMPARE),
  both: splitTemplates(phrases.BOTH),
  fillers: splitTemplates(phrases.FILLERS),
  topics: splitTemplates(phrases.TOPICS),
  refusals: splitList(phrases.REFUSALS),
  refusalPattern: phrases.REFUSAL_PATTERN,
  headings: phrases.HEADINGS,
  repeat: ["Repeat", "Say again", "Copy this"],
  chat: CHAT,
};
