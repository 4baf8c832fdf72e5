/** The Russian language pack: how an entity is named inside a sentence, and all phrasings together. */
import type { Entity, Forms, Noun } from "../grammar.ts";
import type { LanguagePack } from "../language-pack.ts";
import { capitalise } from "../stems.ts";
import { splitList, splitTemplates } from "../template.ts";
import { CHAT } from "./chat.ts";
import { joinForms, undeclined } from "./inflect.ts";
import * as phrases from "./phrases.ts";
import { TYPES } from "./types.ts";

function decorate(forms: Forms, before: string, after: string): Forms {
  const one = (form: string) => `${before}${form}${after}`;
  return {
    n: one(forms.n),
    g: one(forms.g),
    d: one(forms.d),
    a: one(forms.a),
    i: one(forms.i),
    p: one(forms.p),
  };
}

/**
 * After a head, a name in quotation marks stays nominative (компании «Верол»), and so does one whose gender is
 * not the head's (реки Верол); otherwise both are declined (реки Лумиды). Alone, names are declined.
 */
function refer(entity: Entity, withHead: boolean, mark: string): Noun {
  const { name, head, quoted } = entity;
  const [open, close] = quoted ? ["«", `${mark}»`] : ["", mark];
  if (!withHead || !head) return { forms: decorate(name.forms, open, close), gender: name.gender };
  const still = quoted || name.gender !== head.gender;
  const forms = decorate(still ? undeclined(name.forms.n) : name.forms, open, close);
  return { forms: joinForms(head.forms, forms), gender: head.gender };
}

/** о and об, в and во, с and со follow the sound that comes next. */
function finish(sentence: string): string {
  return capitalise(
    sentence
      .replace(/(^|[\s(])([Оо])б? (?=«?[аэоуиАЭОУИ])/g, "$1$2б ")
      .replace(/(^|[\s(])([Оо])б (?=«?[^аэоуиАЭОУИ«])/g, "$1$2 ")
      .replace(/(^|[\s(])([Вв]) (?=«?[вфВФ][бвгджзклмнпрстфхцчшщ])/g, "$1$2о ")
      .replace(/(^|[\s(])([Сс]) (?=«?[сзшжСЗШЖ][бвгджзклмнпрстфхцчшщ])/g, "$1$2о "),
  );
}

export const RUSSIAN: LanguagePack = {
  language: "ru",
  types: TYPES,
  refer,
  headAlone: ({ head }) => head,
  standsAlone: /^(?:\{l\}|\{e\}|скажи|подскажи|не подскаж|что сказано|какие есть)/,
  finish,
  aroundStatement: splitList(phrases.AROUND_STATEMENT),
  aroundQuestion: splitList(phrases.AROUND_QUESTION),
  yesNo: splitList(phrases.YES_NO),
  yes: "Да",
  no: "Нет",
  joinQuestions: splitList(phrases.JOIN_QUESTIONS),
  compare: splitTemplates(phrases.COMPARE),
  both: splitTemplates(phrases.BOTH),
  fillers: splitTemplates(phrases.FILLERS),
  topics: splitTemplates(phrases.TOPICS),
  refusals: splitList(phrases.REFUSALS),
  refusalPattern: phrases.REFUSAL_PATTERN,
  headings: phrases.HEADINGS,
  repeat: ["Повтори", "Перепиши", "Скажи ещё раз"],
  chat: CHAT,
};
