/** The model and quotes on the same XQuAD questions, three paragraphs each: a line per answerer and language. */
import { answerGrounded } from "../../src/grounding/answer-grounded.ts";
import { answerWithQuotes } from "../../src/grounding/quotes/answer-with-quotes.ts";
import type { GroundedAnswerer } from "../../src/spec/grounding.ts";
import type { LanguageModel } from "../../src/spec/language-model.ts";
import { holdsWord, normalise } from "../../src/synthesis/grounded/score.ts";
import { instancesOf, LANGUAGES, type Language, loadXquad } from "../xquad.ts";
import { finalAnswer } from "./final-answer.ts";

export interface BesideQuotes {
  answerer: string;
  language: Language;
  idsExact: number;
  refusedAbsent: number;
  refusedWrongly: number;
  valueRight: number;
  of: number;
}

/** The question's paragraph among 2 random others, and 3 others without it; cut to the documents' 4,000 characters. */
export async function besideQuotes(model: LanguageModel): Promise<BesideQuotes[]> {
  const answerers: [string, GroundedAnswerer][] = [
    [model.name, (q, d) => answerGrounded(model, q, d, { temperature: 0, maxTokens: 160 })],
    ["quotes", (q, d) => answerWithQuotes(q, d)],
  ];
  const lines: BesideQuotes[] = [];
  for (const language of LANGUAGES) {
    const xquad = loadXquad(language);
    const instances = instancesOf(xquad)
      .filter(({ question, setting }) => question.half === "report" && setting.startsWith("random"))
      .slice(0, 400);
    for (const [answerer, answer] of answerers) {
      const seen = { exact: 0, present: 0, absent: 0, refusedAbsent: 0, refusedWrongly: 0, value: 0 };
      for (const { question, setting, documents: six } of instances) {
        const documents = threeOf(six, question.paragraph);
        const given = await finalAnswer(
          answer(
            question.question,
            documents.map((index, docId) => ({
              docId,
              title: null,
              content: xquad.paragraphs[index]!.slice(0, 4000),
            })),
          ),
        );
        if (setting === "randomAbsent") {
          seen.absent++;
          if (given.relevantDocIds.length === 0) seen.refusedAbsent++;
          continue;
        }
        seen.present++;
        const own = documents.indexOf(question.paragraph);
        if (`${given.relevantDocIds}` === `${own}`) seen.exact++;
        if (given.relevantDocIds.length === 0) seen.refusedWrongly++;
        if (holdsWord(normalise(given.answer), normalise(question.answer))) seen.value++;
      }
      lines.push({
        answerer,
        language,
        idsExact: seen.exact / seen.present,
        refusedAbsent: seen.refusedAbsent / seen.absent,
        refusedWrongly: seen.refusedWrongly / seen.present,
        valueRight: seen.value / seen.present,
        of: instances.length,
      });
    }
  }
  return lines;
}

/** The own paragraph, where it is there, and the first others. */
function threeOf(documents: number[], own: number): number[] {
  const others = documents.filter((d) => d !== own).slice(0, documents.includes(own) ? 2 : 3);
  return documents.filter((d) => d === own || others.includes(d));
}

export function printXquad(lines: BesideQuotes[]): void {
  if (lines.length === 0) {
    console.log("\nXQuAD: skipped, ../shared/data/xquad is absent");
    return;
  }
  console.log("\nXQuAD, 3 documents (no bar; chance of exact ids 33 %)");
  console.log("answerer   language   ids exact   refused, absent   refused wrongly   value right   items");
  for (const line of lines) {
    const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
    console.log(
      [
        line.answerer.padEnd(10),
        line.language.padEnd(8),
        percent(line.idsExact).padStart(11),
        percent(line.refusedAbsent).padStart(17),
        percent(line.refusedWrongly).padStart(17),
        percent(line.valueRight).padStart(13),
        String(line.of).padStart(7),
      ].join(" "),
    );
  }
}
