/** Whether an answer says that the documents hold none: by its first two sentences, Russian or English. By words alone. */
import { splitSentences } from "../../util/split-sentences.ts";

const ENGLISH = [
  /\bno (?:answer|mention|data|(?:\w+ ){0,2}information)\b/i,
  /\b(?:do|does|did)(?: not|n['’]t) (?:contain|mention|provide|include|specify|say|state|answer|give|hold|know|tell)\b/i,
  /\b(?:cannot|can['’]?t|can not|could not|couldn['’]t|unable to|not able to|impossible to) (?:be )?(?:answer|find|found|determine|tell|say|provide)/i,
  /\b(?:is|are|was|were)(?: not|n['’]t) (?:in the|given|mentioned|stated|specified|provided|found|contained|available|answered)\b/i,
  /\b(?:says? nothing|nothing (?:is said|about)|(?:not enough|insufficient) information)\b/i,
];

const RUSSIAN = [
  /(?<!\p{L})нет (?:\p{L}+ ){0,2}(?:ответ|информаци|сведени|данных|упоминани)/iu,
  /(?<!\p{L})(?:ответа|информации|сведений|данных)(?: \p{L}+){0,7} (?:нет|не наш)/iu,
  /(?<!\p{L})не (?:содерж|упомина|указан|указыва|сказан|говорит|приводи|привед|предоставл|наш[её]?л|найд|удалось найти|могу|можем|знаю)/iu,
  /(?<!\p{L})(?:недостаточно (?:информаци|данных|сведени)|невозможно (?:ответить|определить|найти)|отсутству[юе]т)/iu,
];

export const REFUSAL_RULE = `An answer refuses where one of its first two sentences matches one of these; an empty answer is no refusal:\n${[...RUSSIAN, ...ENGLISH].join("\n")}`;

export function readsAsRefusal(answer: string): boolean {
  const sentences = splitSentences(answer).slice(0, 2);
  const opening = answer.slice(0, Math.min(1000, sentences.at(-1)?.end ?? 0));
  return [...RUSSIAN, ...ENGLISH].some((pattern) => pattern.test(opening));
}
