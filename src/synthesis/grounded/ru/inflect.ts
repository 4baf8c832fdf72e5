/**
 * Russian declension by rule, for regular nouns, adjectives and surnames; numerals with their nouns. Exceptions
 * are marked by the caller: `продавец:продавц` gives the oblique stem, `^` at the end the stressed ending.
 */
import type { Forms, Gender, Noun } from "../grammar.ts";

const HUSHING = /[жшчщц]$/;
const VELAR = /[гкх]$/;

function forms(n: string, g: string, d: string, a: string, i: string, p: string): Forms {
  return { n, g, d, a, i, p };
}

/** `spec` is the nominative, perhaps with marks; the ending decides the declension, `gender` tells ь and а apart. */
export function declineNoun(spec: string, gender: Gender, animate = false): Noun {
  const stressed = spec.endsWith("^");
  const [word, oblique] = (stressed ? spec.slice(0, -1) : spec).split(":") as [string, string?];
  if (/[ая]$/.test(word)) return { forms: declineA(word, stressed), gender };
  if (/[оеё]$/.test(word)) return { forms: declineNeuter(word, oblique), gender };
  if (gender === "f") {
    const stem = oblique ?? word.slice(0, -1);
    return { forms: forms(word, `${stem}и`, `${stem}и`, word, `${word}ю`, `${stem}и`), gender };
  }
  return { forms: declineMasculine(word, oblique, stressed, animate), gender };
}

function declineA(word: string, stressed: boolean): Forms {
  const stem = word.slice(0, -1);
  if (word.endsWith("ия")) return forms(word, `${stem}и`, `${stem}и`, `${stem}ю`, `${stem}ей`, `${stem}и`);
  if (word.endsWith("я")) return forms(word, `${stem}и`, `${stem}е`, `${stem}ю`, `${stem}ей`, `${stem}е`);
  const genitive = VELAR.test(stem) || /[жшчщ]$/.test(stem) ? `${stem}и` : `${stem}ы`;
  const instrumental = HUSHING.test(stem) && !stressed ? `${stem}ей` : `${stem}ой`;
  return forms(word, genitive, `${stem}е`, `${stem}у`, instrumental, `${stem}е`);
}

function declineNeuter(word: string, oblique: string | undefined): Forms {
  const stem = oblique ?? word.slice(0, -1);
  if (word.endsWith("ие")) return forms(word, `${stem}я`, `${stem}ю`, word, `${stem}ем`, `${stem}и`);
  if (word.endsWith("е") && !HUSHING.test(stem))
    return forms(word, `${stem}я`, `${stem}ю`, word, `${stem}ем`, `${stem}е`);
  const instrumental = word.endsWith("о") ? `${stem}ом` : `${stem}ем`;
  return forms(word, `${stem}а`, `${stem}у`, word, instrumental, `${stem}е`);
}

function declineMasculine(
  word: string,
  oblique: string | undefined,
  stressed: boolean,
  animate: boolean,
): Forms {
  const soft = /[ьй]$/.test(word);
  const stem = oblique ?? (soft ? word.slice(0, -1) : word);
  const genitive = soft ? `${stem}я` : `${stem}а`;
  const hard = HUSHING.test(stem) && !stressed ? `${stem}ем` : `${stem}ом`;
  const prepositional = word.endsWith("ий") ? `${stem}и` : `${stem}е`;
  const accusative = animate ? genitive : word;
  return forms(
    word,
    genitive,
    soft ? `${stem}ю` : `${stem}у`,
    accusative,
    soft ? `${stem}${stressed ? "ём" : "ем"}` : hard,
    prepositional,
  );
}

/** `новый`, `верхний`, `большой`, `тихий` -> the three singular genders. */
export function declineAdjective(masculine: string, gender: Gender, animate = false): Forms {
  const stem = masculine.slice(0, -2);
  const soft = /[^гкхжшчщ]ий$/.test(masculine);
  const o = soft || (/[жшчщ]$/.test(stem) && !masculine.endsWith("ой")) ? "е" : "о";
  const y = soft || VELAR.test(stem) || /[жшчщ]$/.test(stem) ? "и" : "ы";
  if (gender === "f") {
    const oblique = `${stem}${o}й`;
    return forms(
      `${stem}${soft ? "яя" : "ая"}`,
      oblique,
      oblique,
      `${stem}${soft ? "юю" : "ую"}`,
      oblique,
      oblique,
    );
  }
  const genitive = `${stem}${o}го`;
  const nominative = gender === "n" ? `${stem}${soft ? "ее" : o === "е" ? "ее" : "ое"}` : masculine;
  const accusative = gender === "m" && animate ? genitive : nominative;
  return forms(nominative, genitive, `${stem}${o}му`, accusative, `${stem}${y}м`, `${stem}${o}м`);
}

/** Surnames in -ов, -ев, -ин and their feminine twins in -а. */
export function declineSurname(masculine: string, gender: Gender): Forms {
  const s = masculine;
  if (gender === "f") return forms(`${s}а`, `${s}ой`, `${s}ой`, `${s}у`, `${s}ой`, `${s}ой`);
  return forms(s, `${s}а`, `${s}у`, `${s}а`, `${s}ым`, `${s}е`);
}

/** Two declined words that agree, side by side. */
export function joinForms(first: Forms, second: Forms, between = " "): Forms {
  const join = (key: keyof Forms) => `${first[key]}${between}${second[key]}`;
  return forms(join("n"), join("g"), join("d"), join("a"), join("i"), join("p"));
}

/** A word that never changes, as a noun. */
export function undeclined(word: string): Forms {
  return forms(word, word, word, word, word, word);
}

/** The noun of a count: 1 год, 2 года, 5 лет. `accusativeOne` where it differs (1 минуту), `two` for feminines. */
export interface Unit {
  one: string;
  few: string;
  many: string;
  /** Genitive singular where it is not `few`. */
  accusativeOne?: string;
  /** Dative, instrumental and prepositional plural share no ending: templates use only n, g and a. */
  gender: Gender;
}

export function pluralForm(count: number): "one" | "few" | "many" {
  const tens = count % 100;
  const ones = count % 10;
  if (tens >= 11 && tens <= 14) return "many";
  if (ones === 1) return "one";
  return ones >= 2 && ones <= 4 ? "few" : "many";
}

/** "121 километр": nominative, genitive and accusative; other cases repeat the nominative and are not to be used. */
export function countForms(count: number, unit: Unit): Forms {
  const form = pluralForm(count);
  const nominative = `${count} ${unit[form]}`;
  const genitive = form === "one" ? `${count} ${unit.few}` : `${count} ${unit.many}`;
  const accusative = form === "one" ? `${count} ${unit.accusativeOne ?? unit.one}` : nominative;
  return forms(nominative, genitive, nominative, accusative, nominative, nominative);
}
