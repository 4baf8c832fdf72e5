import { describe, expect, test } from "vitest";
import { nearestPassage } from "./nearest-passage.ts";

describe("nearestPassage", () => {
  const filler = "Полки стоят вдоль стены. ".repeat(20);
  const near = (question: string, content: string) =>
    nearestPassage(question, { docId: 0, title: null, content }, 60);

  test("is where a document comes nearest to an answer, whether it answers or not", () => {
    const content = `${filler}Печь топят дважды в день. ${filler}`;
    const { start, end, text, match } = near("Почему печь дымит?", content)!;
    expect(text).toContain("Печь топят дважды в день.");
    expect(text.length).toBeLessThanOrEqual(60);
    expect(content.slice(start, end)).toBe(text);
    expect(match).toBe("Печь");
  });

  test("is what stands below the heading that says it", () => {
    const content = `${filler}\n\n## Вентиляция\n\nПоверните ручку вправо.\n`;
    expect(near("вентиляция", content)).toMatchObject({ text: "Поверните ручку вправо.", match: undefined });
    expect(near("вентиляция", `${filler}\n\n## Вентиляция\n`)!.start).toBe(0);
    expect(near("вентиляция", "## Вентиляция\n")!.text).toBe("Вентиляция");
  });

  test("is the beginning where no word is shared, and none where there is no word", () => {
    expect(near("quasar", filler)).toMatchObject({ start: 0, match: undefined });
    expect(near("quasar", " \n ")).toBeUndefined();
    expect(near("", filler)).toMatchObject({ start: 0 });
  });
});
