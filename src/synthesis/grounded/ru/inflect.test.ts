/** Spot checks of Russian forms against the grammar, and of the numerals. */
import { describe, expect, test } from "vitest";
import { Random } from "../random.ts";
import { isTestStem, namesOf } from "../stems.ts";
import { countForms, declineAdjective, declineNoun, declineSurname, pluralForm } from "./inflect.ts";
import { personName, placeName } from "./names.ts";
import { RUSSIAN } from "./pack.ts";
import { UNITS } from "./values.ts";

const list = (forms: Record<string, string>) =>
  [forms.n, forms.g, forms.d, forms.a, forms.i, forms.p].join(" ");

describe("nouns", () => {
  test.each([
    ["город", "m", "город города городу город городом городе"],
    ["река", "f", "река реки реке реку рекой реке"],
    ["озеро", "n", "озеро озера озеру озеро озером озере"],
    ["компания", "f", "компания компании компании компанию компанией компании"],
    ["площадь", "f", "площадь площади площади площадь площадью площади"],
    ["музей", "m", "музей музея музею музей музеем музее"],
    [
      "местонахождение",
      "n",
      "местонахождение местонахождения местонахождению местонахождение местонахождением местонахождении",
    ],
    ["устье", "n", "устье устья устью устье устьем устье"],
    ["посёлок:посёлк", "m", "посёлок посёлка посёлку посёлок посёлком посёлке"],
    ["деревня", "f", "деревня деревни деревне деревню деревней деревне"],
    ["баржа", "f", "баржа баржи барже баржу баржей барже"],
    ["Лумика", "f", "Лумика Лумики Лумике Лумику Лумикой Лумике"],
    ["Дарово", "n", "Дарово Дарова Дарову Дарово Даровом Дарове"],
    ["янтарь^", "m", "янтарь янтаря янтарю янтарь янтарём янтаре"],
  ] as const)("%s", (word, gender, expected) => {
    expect(list(declineNoun(word, gender).forms)).toBe(expected);
  });

  test("animate masculines take the genitive in the accusative", () => {
    expect(list(declineNoun("врач^", "m", true).forms)).toBe("врач врача врачу врача врачом враче");
    expect(list(declineNoun("медведь", "m", true).forms)).toBe(
      "медведь медведя медведю медведя медведем медведе",
    );
    expect(list(declineNoun("Никита", "m", true).forms)).toBe("Никита Никиты Никите Никиту Никитой Никите");
  });
});

describe("adjectives and surnames", () => {
  test.each([
    ["новый", "f", "новая новой новой новую новой новой"],
    ["нижний", "f", "нижняя нижней нижней нижнюю нижней нижней"],
    ["нижний", "n", "нижнее нижнего нижнему нижнее нижним нижнем"],
    ["большой", "m", "большой большого большому большой большим большом"],
    ["тихий", "m", "тихий тихого тихому тихий тихим тихом"],
    ["тихий", "f", "тихая тихой тихой тихую тихой тихой"],
  ] as const)("%s, %s", (word, gender, expected) => {
    expect(list(declineAdjective(word, gender))).toBe(expected);
  });

  test("surnames", () => {
    expect(list(declineSurname("Веролов", "m"))).toBe(
      "Веролов Веролова Веролову Веролова Вероловым Веролове",
    );
    expect(list(declineSurname("Лумин", "f"))).toBe("Лумина Луминой Луминой Лумину Луминой Луминой");
  });
});

describe("numerals", () => {
  test("agree with their nouns", () => {
    expect([1, 2, 5, 11, 12, 21, 22, 25, 101, 111, 112, 122].map(pluralForm).join(" ")).toBe(
      "one few many many many one few many one many many few",
    );
    expect(countForms(121, UNITS.km).g).toBe("121 километра");
    expect(countForms(31, UNITS.minute).a).toBe("31 минуту");
    expect(countForms(22, UNITS.person).n).toBe("22 человека");
  });
});

describe("sentences", () => {
  test("prepositions follow the next sound", () => {
    expect(RUSSIAN.finish("говорят об реке")).toBe("Говорят о реке");
    expect(RUSSIAN.finish("говорят о «Алом»")).toBe("Говорят об «Алом»");
    expect(RUSSIAN.finish("живёт в Вробе и с Стребом")).toBe("Живёт во Вробе и со Стребом");
    expect(RUSSIAN.finish("об «Верол»")).toBe("О «Верол»");
  });

  test("names keep to their gender, split and head", () => {
    const random = new Random(1);
    for (let i = 0; i < 200; i++) {
      const woman = personName(random, namesOf("train"));
      if (woman.gender === "f") expect(woman.forms.g).toMatch(/(ы|и|ой|[^аеиоуыэюя])$/);
      expect(placeName(random, namesOf("train"), "m").forms.i).toMatch(/ом$/);
    }
    expect(namesOf("train").accepts("верол")).toBe(!isTestStem("верол"));
    expect(namesOf("test-templates").accepts("верол")).toBe(isTestStem("верол"));
  });

  test("a quoted name stays nominative behind its head", () => {
    const head = declineNoun("компания", "f");
    const name = declineNoun("Верол", "m");
    const company = { type: "company", key: "x", name, head, quoted: true };
    expect(RUSSIAN.refer(company, true, "").forms.g).toBe("компании «Верол»");
    expect(RUSSIAN.refer(company, false, "2").forms.g).toBe("«Верола2»");
    const town = { type: "town", key: "x", name, head: declineNoun("город", "m"), quoted: false };
    expect(RUSSIAN.refer(town, true, "3").forms.p).toBe("городе Вероле3");
  });
});
