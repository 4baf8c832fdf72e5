/**
 * A question in, the kind of answer it asks for out, by its question words; and whether a sentence holds
 * something of that kind besides the question's own words. A hint for ranking, never a reason to refuse.
 */
import type { Term } from "../../index/terms.ts";

export type AnswerKind = "date" | "number" | "name" | "any";

const ASKS: [AnswerKind, RegExp][] = [
  [
    "date",
    /(?<!\p{L})(когда|в как(ом|их) (год|месяц|век|столет)|какого числа|when|(what|which) (year|date|century|month|day|decade))/iu,
  ],
  [
    "number",
    /(?<!\p{L})(сколько|скольк|как долго|как много|какой процент|какое количество|how (many|much|long|old|far|large|big|tall)|what (percent|number|amount))/iu,
  ],
  [
    "name",
    /(?<!\p{L})(кто|кого|кому|кем|чей|чья|чье|чьё|чьи|чьих|где|куда|откуда|в как(ом|ой) (город|стран|штат|мест)|who|whom|whose|where|(what|which) (city|country|state|place))(?!\p{L})/iu,
  ],
];

const MONTH =
  /^(январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|ноябр|декабр|januari|februari|march|april|june|juli|august|septemb|octob|novemb|decemb|centuri|век)/;

const NUMERAL =
  /^(один|одн|дв[ае]|двух|трех|три|четыр|пят|шест|сем[ьи]|вос[ье]м|девят|десят|двадцат|тридцат|ст[оа]|сот|тысяч|миллион|миллиард|половин|нескольк|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelv|twenti|thirti|hundr|thousand|million|billion|dozen|half|sever)/;

export function answerKind(question: string): AnswerKind {
  return ASKS.find(([, pattern]) => pattern.test(question))?.[0] ?? "any";
}

/** `text` is the sentence, `words` its terms; `asked` tells the stems of the question. */
export function holdsAnswerOfKind(
  kind: AnswerKind,
  text: string,
  words: readonly Term[],
  asked: (stem: string) => boolean,
): boolean {
  if (kind === "any") return false;
  return words.some((term, index) => {
    if (asked(term.stem)) return false;
    if (kind === "date") return /\d{3}/.test(term.word) || MONTH.test(term.stem);
    if (kind === "number") return /\d/.test(term.word) || NUMERAL.test(term.stem);
    return index > 0 && /^\p{Lu}/u.test(text.slice(term.start, term.start + 2));
  });
}
