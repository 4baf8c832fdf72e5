/**
 * A written answer from documents by a model in this process: `npx tsx examples/ask-model.ts <model.gguf>`.
 * In a program of your own the import is from "vikhr"; `openRemote` takes the place of `openEmbedded` for a server.
 */
import { answerGrounded, openEmbedded } from "../src/index.ts";

const model = await openEmbedded(process.argv[2] ?? "models/nano.gguf");
const documents = [
  { docId: 0, title: "Ледники", content: "За последние 50 лет объем ледников в мире уменьшился на 30%" },
  { docId: 1, title: "Уровень моря", content: "Уровень мирового океана повысился на 20 см с 1880 года" },
];

for await (const event of answerGrounded(model, "Что стало с ледниками?", documents)) {
  if (event.type === "relevant") console.log("documents:", event.relevantDocIds.join(", "));
  if (event.type === "text") process.stdout.write(event.text);
  if (event.type === "done") console.log("\n", event.answer.citations);
}
await model.close();
