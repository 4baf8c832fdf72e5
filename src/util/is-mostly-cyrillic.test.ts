import { expect, test } from "vitest";
import { isMostlyCyrillic } from "./is-mostly-cyrillic.ts";

test("the language of a question, with names of the other alphabet in it", () => {
  for (const question of [
    "Чем computed отличается от methods в Vue?",
    "Что такое Suspense?",
    "как работает async/await в Rust",
    "Как настроить Redux в React Native?",
    "А когда?",
  ])
    expect(isMostlyCyrillic(question), question).toBe(true);
  for (const question of ["Who is Иван Петров?", "What does «пекарня» mean?", "When?", "", "42?!"])
    expect(isMostlyCyrillic(question), question).toBe(false);
});
