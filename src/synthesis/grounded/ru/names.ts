/** Russian made-up names with gender and all cases: people, places, and names in quotation marks. */
import type { Gender, NameSource, Noun } from "../grammar.ts";
import type { Random } from "../random.ts";
import { capitalise, makeStem, type Syllables } from "../stems.ts";
import { declineAdjective, declineNoun, declineSurname, joinForms, undeclined } from "./inflect.ts";

const split = (text: string) => text.split(" ");

const SYLLABLES: Syllables = {
  onsets: split("б в г д з к л м н п р с т л м н р т д к с ж ш х ф ч ц щ в б"),
  clusters: split("бр вр гр др кр пр тр бл гл кл пл сл ст см сн зв св"),
  vowels: split("а а о о у е и а о е и а о е и я ю ы"),
  first: split("а о у и э я ю е"),
  codas: split("н р л м с й т к ль нь"),
  finals: split("б в г д з к л м н п р с т л м н р т д к н р х ф"),
  forbidden:
    /[жшчщцгкхф][яюы]|[бвгджзклмнпрстфхцчшщ]{3}|(.)\1|ху[йеяил]|пиз[дж]|[её]б[аулнио]|бля|муд[аоие]|говн|сра[лтн]|кака|жоп|сук|пид[ао]р|манд|дроч|хер|гей|жид|чмо|гад|срак|пук|соса/,
};

const MEN = split(
  "Антон Борис Виктор Глеб Денис Егор Захар Кирилл Леонид Максим Никита Олег Роман Семён Тимур Фёдор Артём Вадим " +
    "Герман Илья Марк Назар Руслан Степан Ярослав Андрей Алексей Сергей Матвей Тимофей Игорь",
);
const WOMEN = split(
  "Анна Вера Дарья Елена Жанна Зоя Ирина Клара Лидия Марина Нина Ольга Полина Раиса Софья Тамара Ульяна Юлия Алиса " +
    "Варвара Галина Диана Ева Инна Ксения Лариса Мария Наталья Светлана Татьяна Эмма",
);

function stem(random: Random, names: NameSource): string {
  return makeStem(random, names, SYLLABLES);
}

/** A one-word name of the wanted gender. */
export function nameOf(random: Random, names: NameSource, gender: Gender, animate = false): Noun {
  const base = capitalise(stem(random, names));
  if (gender === "m") return declineNoun(base, "m", animate);
  if (gender === "f") return declineNoun(base + (random.chance(0.25) ? "ия" : "а"), "f");
  return declineNoun(base + (/[гкхвф]$/.test(base) ? "ино" : "ово"), "n");
}

export function countryName(random: Random, names: NameSource): Noun {
  return declineNoun(`${capitalise(stem(random, names))}ия`, "f");
}

const ADJECTIVES = split(
  "новый старый малый большой верхний нижний белый красный дальний тихий южный северный восточный западный",
);

/** Now and then with an adjective in front: Новый Верол, Нижняя Лумида. */
export function placeName(random: Random, names: NameSource, gender: Gender): Noun {
  const name = nameOf(random, names, gender);
  if (!random.chance(0.15)) return name;
  const forms = declineAdjective(random.pick(ADJECTIVES), gender);
  const capital = { ...forms };
  for (const key of ["n", "g", "d", "a", "i", "p"] as const) capital[key] = capitalise(forms[key]);
  return { forms: joinForms(capital, name.forms), gender };
}

/** First and last name: Антон Веролов, Лумида Керская, Анна Верол. */
export function personName(random: Random, names: NameSource): Noun {
  const gender = random.chance(0.5) ? "m" : "f";
  const given = random.chance(0.55) ? random.pick(gender === "m" ? MEN : WOMEN) : null;
  const first = given ? declineNoun(given, gender, true) : nameOf(random, names, gender, true);
  return { forms: joinForms(first.forms, surname(random, names, gender)), gender };
}

function surname(random: Random, names: NameSource, gender: "m" | "f") {
  const base = capitalise(stem(random, names));
  const style = random.float();
  if (style < 0.2) return gender === "m" ? declineNoun(base, "m", true).forms : undeclined(base);
  if (style < 0.4 && /[внлрмдт]$/.test(base)) return declineAdjective(`${base}ский`, gender, true);
  return declineSurname(base + (style < 0.7 ? "ин" : "ов"), gender);
}
