import { describe, expect, test } from "vitest";
import { stem } from "../../index/terms.ts";
import { questionParts } from "./question-terms.ts";

const stems = (question: string) =>
  questionParts(question).map((part) => part.terms.map((term) => term.stem));

describe("questionParts", () => {
  test("function and question words fall away", () => {
    expect(stems("Сколько лет было Пейтону Мэннингу?")).toEqual([["лет", "пейтон", stem("мэннингу")]]);
    expect(stems("What is the capital of France?")).toEqual([["capit", "franc"]]);
    expect(stems("Что это?")).toEqual([[]]);
  });

  test("rare words weigh more, framing words less", () => {
    const [part] = questionParts("What type of glacier moves in winter?");
    const weight = new Map(part!.terms.map((term) => [term.stem, term.weight]));
    expect(weight.get("glacier")!).toBeGreaterThan(weight.get("winter")!);
    expect(weight.get("winter")!).toBeGreaterThan(weight.get("type")!);
  });

  test("names and numbers are told, the first word is not a name", () => {
    const [part] = questionParts("Города Волги в 1812 году");
    expect(part!.terms.filter((term) => term.name).map((term) => term.stem)).toEqual([stem("волги"), "1812"]);
  });

  test("modal verbs, possessives and pronouns tell nothing", () => {
    expect(stems("Почему мне нельзя взять в нём больше, чем могут другие в своём доме?")).toEqual([
      [stem("взять"), stem("другие"), "дом"],
    ]);
  });

  test("two questions in one are parts besides the whole", () => {
    expect(stems("Кто написал Мертвые души и в каком году построен Эрмитаж?")).toHaveLength(3);
    expect(stems("Who wrote Dead Souls, and when was the Hermitage built?")).toHaveLength(3);
    expect(stems("Who wrote Dead Souls? When was the Hermitage built?")).toHaveLength(3);
    expect(stems("Who wrote War and Peace?")).toHaveLength(1);
  });

  test("the kind of answer", () => {
    const kind = (question: string) => questionParts(question)[0]!.kind;
    expect(["Когда пал Рим?", "In what year did Rome fall?"].map(kind)).toEqual(["date", "date"]);
    expect(["Сколько стоит дом?", "How many houses?"].map(kind)).toEqual(["number", "number"]);
    expect(["Кто построил дом?", "Where is Rome?"].map(kind)).toEqual(["name", "name"]);
    expect(["Почему трава зелёная?", "Someone"].map(kind)).toEqual(["any", "any"]);
    // Only the first question word asks.
    expect(["What sea did it reach when he died?", "Что было, когда он умер?"].map(kind)).toEqual([
      "any",
      "any",
    ]);
  });

  test("phrases are pairs of neighbours, function words too", () => {
    expect([...questionParts("Is it in Rome?")[0]!.phrases]).toEqual([
      "is it",
      "it in",
      `in ${stem("rome")}`,
    ]);
    expect(questionParts("Рим")[0]!.phrases.size).toBe(0);
  });

  test("a pasted page is bounded", () => {
    const page = Array.from({ length: 5000 }, (_, i) => `слово${i}`).join(" ");
    const parts = questionParts(page);
    expect(parts).toHaveLength(1);
    expect(parts[0]!.terms.length).toBeLessThanOrEqual(48);
    expect(parts[0]!.terms.length).toBeGreaterThan(0);
  });
});
