/**
 * A question in, the kind of answer it asks for out, by its first question word; and whether a sentence holds
 * something of that kind besides the question's own words. A hint: rules of thumb, without meaning.
 */
import type { Term } from "../../index/terms.ts";

export type AnswerKind = "date" | "number" | "name" | "any";

/** Later ones join clauses ("what sea bordered it when he died"). With a little of what follows it. */
const QUESTION_WORD =
  /(?<![\p{L}\p{N}])(?:когда|где|куда|откуда|кто|кого|кому|кем|ком|ч(?:ей|ья|ь[её]|ьи|ьих|ьим|ьей|ь[её]м|то|его|ему|ем)|как|как(?:ой|ая|ое|ие|им|их|ом|ую|ого|ому|ими)|каков[аоы]?|(?:на)?сколько|скольк(?:их|им|ими)|почему|зачем|отчего|when|where|who|whom|whose|what|which|how|why)(?![\p{L}\p{N}])[^.?!]{0,40}/iu;

const ASKS: [AnswerKind, RegExp][] = [
  [
    "date",
    /^(когда|when|(как\p{L}+|what|which)\s(год|месяц|век|столет|числа|дат|year|date|century|month|day|decade))/iu,
  ],
  [
    "number",
    /^((на)?скольк|как (долго|много|часто|далеко)|how (many|much|long|old|far|large|big|tall|often|high|fast)|(как\p{L}+|what|which)\s(процент|количеств|числ|дол[яюи]|возраст|percent|number|amount|fraction|age))/iu,
  ],
  [
    "name",
    /^(к(то|ого|ому|ем|ом)|ч(ей|ья|ь[её]|ьи|ьих|ьим|ьей|ь[её]м)|где|куда|откуда|who|whom|whose|where)(?!\p{L})|^(как\p{L}+|what|which)\s(город|стран|штат|мест|рек|остров|континент|city|country|state|county|place|river|island|continent)/iu,
  ],
];

/** Stems that date something, beside a year's digits. */
const DATE =
  /^(январ|феврал|март|апрел|ма[йя]$|июн|июл|август|сентябр|октябр|ноябр|декабр|век|столет|januari|februari|march|april|june|juli|august|septemb|octob|novemb|decemb|centuri)/;

/** Stems that may tell a time too: in two weeks, on Monday, last year. */
const TIME =
  /^(понедельник|вторник|сред$|четверг|пятниц|суббот|воскресен|вчера|сегодн|завтра|год|лет|ден|дн|недел|месяц|час|минут|десятилет|may$|monday|tuesday|wednesday|thursday|friday|saturday|sunday|yesterday|today|tomorrow|year|day|week|month|hour|minut|decad)/;

const NUMERAL =
  /^(дв[ае]|двух|дво|трех|тро|три|четыр|пят|шест|сем[ьи]|вос[ье]м|девят|десят|двадцат|тридцат|ст[оа]|сот|тысяч|миллион|миллиард|половин|нескольк|two|three|four|five|six|seven|eight|nine|ten|eleven|twelv|twenti|thirti|hundr|thousand|million|billion|dozen|half|sever)/;

/** A number only where it does not mean "one of them". */
const ONE = /^(один|одна|одно|одну|одного|one)$/;

export function answerKind(question: string): AnswerKind {
  const asked = QUESTION_WORD.exec(question)?.[0] ?? "";
  return ASKS.find(([, pattern]) => pattern.test(asked))?.[0] ?? "any";
}

/**
 * Whether a sentence tells something of the kind: "perhaps" where a word or number might, but seldom does.
 * `text` is the sentence, `words` its terms; `asked` tells the stems of the question.
 */
export function holdsAnswerOfKind(
  kind: AnswerKind,
  text: string,
  words: readonly Term[],
  asked: (stem: string) => boolean,
): "yes" | "perhaps" | "no" {
  let held: "perhaps" | "no" = "no";
  for (const [index, term] of words.entries()) {
    if (asked(term.stem)) continue;
    if (kind === "date") {
      if (/\d{3}/.test(term.word) || DATE.test(term.stem)) return "yes";
      if (/\d/.test(term.word) || TIME.test(term.stem)) held = "perhaps";
    } else if (kind === "number") {
      if (/\d/.test(term.word) || NUMERAL.test(term.stem)) return "yes";
      if (ONE.test(term.word) && !/^(of|из)$/.test(words[index + 1]?.word ?? "")) held = "perhaps";
    } else if (kind === "name") {
      if (index > 0 && /^\p{Lu}/u.test(text.slice(term.start, term.start + 2))) return "yes";
    }
  }
  return held;
}
