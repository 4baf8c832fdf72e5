/**
 * An answer made of the documents' own sentences, at once and without a model: `npx tsx examples/quotes.ts`.
 * In a program of your own the import is from "vikhr".
 */
import { answerWithQuotes, type GroundingDocument } from "../src/index.ts";

const documents: GroundingDocument[] = [
  { docId: 0, title: "Ледники", content: "За последние 50 лет объем ледников в мире уменьшился на 30%" },
  { docId: 1, title: "Уровень моря", content: "Уровень мирового океана повысился на 20 см с 1880 года" },
];

for await (const event of answerWithQuotes("На сколько уменьшились ледники?", documents)) {
  if (event.type === "text") process.stdout.write(`${event.text}\n`);
  if (event.type === "done") console.log(JSON.stringify(event.answer.citations, null, 2));
}
