/** Both languages say everything. */
import { describe, expect, test } from "vitest";
import { en } from "./en.ts";
import { preferredLanguage } from "./language.tsx";
import { ru } from "./ru.ts";

type Entry = string | ((...values: never[]) => string);

/** Functions are asked about numbers of every form, and a name. */
function spoken(entry: Entry): string[] {
  if (typeof entry === "string") return [entry];
  const call = entry as (...values: (number | string)[]) => string;
  return [1, 2, 5, 21, 120].map((count) => call(count, count + 1));
}

describe.each(Object.keys(en) as (keyof typeof en)[])("%s", (key) => {
  test("is said in both languages, each in its own letters", () => {
    expect(typeof ru[key]).toBe(typeof en[key]);
    const [english, russian] = [spoken(en[key]), spoken(ru[key])];
    for (const text of [...english, ...russian]) {
      expect(text.trim()).not.toBe("");
      expect(text).not.toMatch(/undefined|NaN/);
    }
    expect(english.join("")).not.toMatch(/\p{Script=Cyrillic}/u);
    // Names of keys and formats stay what they are.
    if (!["enter", "shift", "control", "escape"].includes(key))
      expect(russian.join("")).toMatch(/\p{Script=Cyrillic}/u);
  });
});

test("no language has what the other has not", () => expect(Object.keys(ru)).toEqual(Object.keys(en)));

test("the first language that the page has", () => {
  expect(preferredLanguage(["de", "ru-RU", "en"])).toBe("ru");
  expect(preferredLanguage(["en-GB", "ru"])).toBe("en");
  expect(preferredLanguage(["toString", "fr"])).toBe("en");
});
