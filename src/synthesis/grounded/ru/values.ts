/** Kinds of Russian values: years, counts with units, people, places, words of closed lists. */
import type { Attribute, Forms, Gender, Noun, Value } from "../grammar.ts";
import { countForms, declineNoun, type Unit, undeclined } from "./inflect.ts";
import { countryName, personName, placeName } from "./names.ts";

type Draw = Attribute["value"];

function toValue(noun: Noun): Value {
  return { ...noun, key: noun.forms.n, accepted: [...new Set(Object.values(noun.forms))] };
}

export function year(from: number, to: number): Draw {
  return (random) => {
    const text = String(random.int(from, to));
    return { forms: undeclined(text), gender: "m", key: text, accepted: [text] };
  };
}

/** `step` rounds: populations in hundreds, prices in tens. The right answer need not repeat the unit. */
export function count(from: number, to: number, unit: Unit, step = 1): Draw {
  return (random) => {
    const number = random.int(Math.ceil(from / step), Math.floor(to / step)) * step;
    const forms = countForms(number, unit);
    return { forms, gender: unit.gender, key: String(number), accepted: [String(number)] };
  };
}

export const person: Draw = (random, names) => toValue(personName(random, names));
export const country: Draw = (random, names) => toValue(countryName(random, names));
export const town: Draw = (random, names) =>
  toValue(placeName(random, names, random.chance(0.5) ? "m" : "f"));
export const river: Draw = (random, names) => toValue(placeName(random, names, "f"));

/** "сыр m, каша f": regular nouns by `declineNoun`, whose marks may be used; `+` in front: animate. */
export function nouns(list: string): Noun[] {
  return list.split(", ").map((item) => {
    const [spec, gender] = item.split(" ") as [string, Gender];
    const animate = spec.startsWith("+");
    return declineNoun(animate ? spec.slice(1) : spec, gender, animate);
  });
}

/** Words that stand only in the forms listed: nominative, genitive, accusative, instrumental, prepositional, with `/`. */
export function phrases(list: string, gender: Gender = "m"): Noun[] {
  return list.split(", ").map((item) => {
    const [n, g, a, i, p] = item.split("/");
    const word = n!;
    const forms: Forms = { n: word, g: g ?? word, d: g ?? word, a: a ?? word, i: i ?? word, p: p ?? word };
    return { forms, gender };
  });
}

export function oneOf(list: readonly Noun[]): Draw {
  const values = list.map(toValue);
  return (random) => random.pick(values);
}

export const UNITS = {
  km: { one: "километр", few: "километра", many: "километров", gender: "m" },
  m: { one: "метр", few: "метра", many: "метров", gender: "m" },
  squareKm: {
    one: "квадратный километр",
    few: "квадратных километра",
    many: "квадратных километров",
    gender: "m",
  },
  kg: { one: "килограмм", few: "килограмма", many: "килограммов", gender: "m" },
  gram: { one: "грамм", few: "грамма", many: "граммов", gender: "m" },
  person: { one: "человек", few: "человека", many: "человек", accusativeOne: "человека", gender: "m" },
  resident: { one: "житель", few: "жителя", many: "жителей", accusativeOne: "жителя", gender: "m" },
  rouble: { one: "рубль", few: "рубля", many: "рублей", gender: "m" },
  page: { one: "страница", few: "страницы", many: "страниц", accusativeOne: "страницу", gender: "f" },
  minute: { one: "минута", few: "минуты", many: "минут", accusativeOne: "минуту", gender: "f" },
  hour: { one: "час", few: "часа", many: "часов", gender: "m" },
  day: { one: "день", few: "дня", many: "дней", gender: "m" },
  knot: { one: "узел", few: "узла", many: "узлов", gender: "m" },
  album: { one: "альбом", few: "альбома", many: "альбомов", gender: "m" },
  hall: { one: "зал", few: "зала", many: "залов", gender: "m" },
  exhibit: { one: "экспонат", few: "экспоната", many: "экспонатов", gender: "m" },
  watt: { one: "ватт", few: "ватта", many: "ватт", gender: "m" },
} as const satisfies Record<string, Unit>;
