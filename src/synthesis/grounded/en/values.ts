/** English names and kinds of values. Nouns have three forms: plain, possessive, and with an indefinite article. */
import type { Attribute, Forms, Gender, NameSource, Noun, Value } from "../grammar.ts";
import type { Random } from "../random.ts";
import { capitalise, makeStem, type Syllables } from "../stems.ts";

type Draw = Attribute["value"];

const split = (text: string) => text.split(" ");

const SYLLABLES: Syllables = {
  onsets: split("b d f g h k l m n p r s t v z l m n r t d w j c y qu"),
  clusters: split("br dr gr kr pr tr bl gl pl cl fl sl st th sh ch"),
  vowels: split("a e i o u a e i o ea oo ai"),
  first: split("a e i o u"),
  codas: split("n r l m s k t"),
  finals: split("b d g k l m n p r s t v l m n r n d sk nd rt x"),
  forbidden:
    /(.)\1\1|fu[ckq]|sh[ia]t|cun|coc|cok|di[ck]|nig|fag|tit|ass|arse|rap|pus|pis|cum|slu|twa|wan[kg]|naz|poo|pe[ni][ia]s|sex|dum|fat|homo|gay|hitl|quu/,
};

const MEN = split(
  "Adam Alan Brian Carl Daniel Edward Frank George Henry Isaac Jack Kevin Leo Martin Neil Oliver Peter Robert Simon " +
    "Thomas Victor Walter Arthur Colin David Eric Felix Gordon Hugo Ian",
);
const WOMEN = split(
  "Alice Anna Betty Clara Diana Emma Fiona Grace Helen Irene Jane Karen Laura Mary Nora Olivia Paula Rose Sarah Tina " +
    "Vera Wendy Amy Carol Daisy Edith Flora Gloria Ivy Judy",
);

function forms(plain: string, indefinite = plain): Forms {
  return { n: plain, g: `${plain}'s`, d: plain, a: plain, i: indefinite, p: plain };
}

export function noun(plain: string, gender: Gender = "n", indefinite = plain): Noun {
  return { forms: forms(plain, indefinite), gender };
}

function withArticle(word: string): string {
  return `${/^[aeiou]/i.test(word) ? "an" : "a"} ${word}`;
}

export function nameOf(random: Random, names: NameSource): string {
  const stem = capitalise(makeStem(random, names, SYLLABLES));
  return random.chance(0.35) ? stem + random.pick(["a", "ia", "o", "y", "en"]) : stem;
}

const ADJECTIVES = split("New Old Upper Lower North South East West Great Little Red White");
const ENDINGS = split("ton ville ford burg field wick");

export function townName(random: Random, names: NameSource): Noun {
  const plain = nameOf(random, names) + (random.chance(0.3) ? random.pick(ENDINGS) : "");
  return placeName(random, plain);
}

export function placeName(random: Random, plain: string): Noun {
  return noun(random.chance(0.15) ? `${random.pick(ADJECTIVES)} ${plain}` : plain);
}

export function personName(random: Random, names: NameSource): Noun {
  const gender = random.chance(0.5) ? "m" : "f";
  const given = random.chance(0.55) ? random.pick(gender === "m" ? MEN : WOMEN) : nameOf(random, names);
  return noun(`${given} ${nameOf(random, names)}`, gender);
}

function toValue(word: Noun): Value {
  return { ...word, key: word.forms.n, accepted: [word.forms.n] };
}

export function year(from: number, to: number): Draw {
  return (random) => toValue(noun(String(random.int(from, to))));
}

/** "1 hour", "2 hours"; the right answer need not repeat the unit. */
export function count(from: number, to: number, one: string, many: string, step = 1): Draw {
  return (random) => {
    const number = random.int(Math.ceil(from / step), Math.floor(to / step)) * step;
    return {
      ...noun(`${number} ${number === 1 ? one : many}`),
      key: String(number),
      accepted: [String(number)],
    };
  };
}

export const person: Draw = (random, names) => toValue(personName(random, names));
export const town: Draw = (random, names) => toValue(townName(random, names));
export const country: Draw = (random, names) =>
  toValue(noun(`${capitalise(makeStem(random, names, SYLLABLES))}ia`));
export const river: Draw = (random, names) => toValue(placeName(random, nameOf(random, names)));

/** Words that take an article: bakers, trumpets, foxes. */
export function countable(list: string): Draw {
  const values = list.split(", ").map((word) => toValue(noun(word, "n", withArticle(word))));
  return (random) => random.pick(values);
}

/** Words that take none: cheese, steel, red, furniture. */
export function plain(list: string): Draw {
  const values = list.split(", ").map((word) => toValue(noun(word)));
  return (random) => random.pick(values);
}
