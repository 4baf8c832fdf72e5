/**
 * The product in a minute, `npm run demo`: the two-step answer of the model card's example by the model that ships
 * with the package, then quotes with their places, by no model at all: from documents in Russian and English, and from a
 * folder of files.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import picocolors from "picocolors";
import { runAnswer } from "../src/cli/ask.ts";
import { runCorpusAnswer } from "../src/cli/corpus/run-corpus-answer.ts";
import { openModel } from "../src/cli/open-model.ts";
import {
  DocumentReader,
  type GroundedAnswerer,
  type GroundingDocument,
  openLanceIndex,
  parseDocuments,
  syncIndex,
} from "../src/index.ts";
import { answererOf } from "../src/rag/answerer-of.ts";

const NANO = join(import.meta.dirname, "..", "models", "nano.gguf");
const { bold, cyan, dim, yellow } = picocolors.createColors(
  Boolean(process.stdout.isTTY) && picocolors.isColorSupported,
);

/** As the card has it, with its typo; and put right. */
const CARD_QUESTIONS = ["Глоабльное потепление", "Глобальное потепление"];

const QUOTED: [file: string, questions: string[]][] = [
  ["baikal.json", ["Какая река вытекает из Байкала?", "Чем питается нерпа?"]],
  [
    "voyager.json",
    ["When did Voyager 1 enter interstellar space?", "Which planets did only Voyager 2 visit?"],
  ],
  ["leave.json", ["За сколько недель подать заявление на отпуск?", "Сколько стоит обед в столовой?"]],
];

/** Of examples/collection: the papers of a bakery. */
const FOLDER_QUESTIONS = [
  "Сколько доплачивают за дежурство по печи?",
  "When is a rye loaf done?",
  "Как зовут директора пекарни?",
];

heading("A model that ships with the package: choose the documents, then answer from them");
const model = existsSync(NANO) ? await openModel({ model: "nano" }) : undefined;
if (!model) say(yellow("models/nano.gguf is not here, so the answers below are quotes"));
const written = await answererOf(model, "answerWithQuotes");
for (const question of CARD_QUESTIONS) await show(written, question, documentsOf("warming.json"));
await model?.close();

heading("No model at all: the documents' own sentences, each with its place");
const quoted = await answererOf(undefined, "answerWithQuotes");
for (const [file, questions] of QUOTED) {
  const documents = documentsOf(file);
  say(
    dim(`examples/documents/${file}: ${documents.map(({ title }) => title ?? "(no title)").join(" · ")}\n`),
  );
  for (const question of questions) await show(quoted, question, documents);
}

heading("A folder of files, as `vikhr add` reads it: searched, then quoted");
await showFolder(join(import.meta.dirname, "collection"));
say(dim("Your turn: npx tsx src/cli/main.ts add <folder>, then npm start, and ask in a browser"));

async function showFolder(location: string): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), "vikhr-demo-"));
  const reader = new DocumentReader();
  const index = await openLanceIndex(place);
  const passages = await answererOf(undefined, "answerWithPassages");
  try {
    const { added, chunks } = await syncIndex(index, [{ location, kind: "folder" }], reader);
    say(dim(`examples/collection: ${added} files, ${chunks} chunks\n`));
    for (const question of FOLDER_QUESTIONS) {
      say(`${cyan("?")} ${bold(question)}`);
      await runCorpusAnswer({ index }, passages, [{ role: "user", content: question }], {}, process.stdout);
      say("");
    }
  } finally {
    reader.close();
    await index.close();
    rmSync(place, { recursive: true });
  }
}

async function show(
  answerer: GroundedAnswerer,
  question: string,
  documents: readonly GroundingDocument[],
): Promise<void> {
  say(`${cyan("?")} ${bold(question)}`);
  const started = performance.now();
  await runAnswer(answerer, question, documents, { temperature: 0 }, process.stdout);
  say(dim(`${Math.round(performance.now() - started)} ms\n`));
}

function documentsOf(file: string): GroundingDocument[] {
  return parseDocuments(JSON.parse(readFileSync(join(import.meta.dirname, "documents", file), "utf8")));
}

function heading(text: string): void {
  say(`\n${bold(text)}\n${"─".repeat(Math.min(text.length, (process.stdout.columns ?? 80) - 1))}\n`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
