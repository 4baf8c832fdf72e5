/**
 * npm run bench -- default-model [--model file.gguf] [--rows 500] [--seed 20261122] [--json]
 *
 * The shipped model on dialogues that it never saw: per language `--rows` single-turn dialogues with unseen names in
 * known templates, and as many in unseen templates; then the model card's example, and XQuAD beside quotes. Greedy.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openEmbedded } from "../src/engine/embedded/open-embedded.ts";
import { InputError } from "../src/errors.ts";
import { answerGrounded } from "../src/grounding/answer-grounded.ts";
import { documentsMessage } from "../src/grounding/documents-message.ts";
import { parseDocuments } from "../src/grounding/parse-documents.ts";
import { parseSelection } from "../src/grounding/selection-text.ts";
import type { GroundingDocument } from "../src/spec/document.ts";
import { GROUNDED_SYSTEM_PROMPT } from "../src/spec/grounding.ts";
import type { LanguageModel } from "../src/spec/language-model.ts";
import { generateDialogues } from "../src/synthesis/grounded/generate.ts";
import type { GroundedKind, GroundedSplit, Language } from "../src/synthesis/grounded/options.ts";
import type { GroundedRow } from "../src/synthesis/grounded/row.ts";
import { type GroundedScore, scoreGroundedAnswer } from "../src/synthesis/grounded/score.ts";
import { besideQuotes, printXquad } from "./default-model/beside-quotes.ts";
import { finalAnswer } from "./default-model/final-answer.ts";
import { hasXquad, LANGUAGES } from "./xquad.ts";

interface Observation {
  split: GroundedSplit;
  score: GroundedScore;
  /** Whether step 1 without any grammar gave the protocol's JSON. */
  validJson: boolean;
}

/** A bar of the project: the share must be at least, or at most, this. */
interface Figure {
  name: string;
  share: number;
  of: number;
  chance?: number;
  bar?: { atLeast: number } | { atMost: number };
}

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      model: { type: "string", default: fileURLToPath(new URL("../models/nano.gguf", import.meta.url)) },
      rows: { type: "string", default: "500" },
      seed: { type: "string", default: "20261122" },
      json: { type: "boolean", default: false },
    },
  });
  const model = await openEmbedded(values.model, { contextSize: 4096 });
  const rows = Number(values.rows);
  if (!Number.isSafeInteger(rows) || rows < 1)
    throw new InputError(`--rows is ${values.rows} and must be a whole number from 1`);
  const figures: Record<string, Figure[]> = {};
  for (const language of LANGUAGES) {
    const seen = await observe(
      model,
      heldOut("test-names", language, rows, Number(values.seed)),
      "test-names",
    );
    const unseen = await observe(
      model,
      heldOut("test-templates", language, rows, Number(values.seed)),
      "test-templates",
    );
    figures[language] = [...figuresOfSeen(seen), ...figuresOfUnseen(unseen)];
    if (!values.json) printFigures(language, figures[language]);
  }
  const card = await cardExample(model);
  if (!values.json) printCard(card);
  const xquad = hasXquad() ? await besideQuotes(model) : [];
  if (values.json) console.log(JSON.stringify({ figures, card, xquad }, null, 2));
  else printXquad(xquad);
  await model.close();
}

/** The same rows for the same seed, whatever model is measured. */
function heldOut(split: GroundedSplit, language: Language, count: number, seed: number): GroundedRow[] {
  const rows: GroundedRow[] = [];
  for (const row of generateDialogues({ split, seed, languages: { [language]: 1 }, documents: [1, 5] })) {
    if (row.kind !== "chat") rows.push(row);
    if (rows.length === count) break;
  }
  return rows;
}

async function observe(
  model: LanguageModel,
  rows: GroundedRow[],
  split: GroundedSplit,
): Promise<Observation[]> {
  const observations: Observation[] = [];
  for (const [i, row] of rows.entries()) {
    if (process.stderr.isTTY) process.stderr.write(`\r${split} ${row.language} ${i + 1}/${rows.length} `);
    const [question, documents] = questionOf(row);
    const given = await finalAnswer(
      answerGrounded(model, question, documents, { temperature: 0, maxTokens: 160 }),
    );
    const validJson = await saysValidJson(model, question, documents);
    observations.push({ split, score: scoreGroundedAnswer(row, given), validJson });
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  return observations;
}

function questionOf(row: GroundedRow): [string, GroundingDocument[]] {
  const content = (role: string) => row.messages.find((m) => m.role === role)!.content;
  return [content("user"), parseDocuments(JSON.parse(content("documents")))];
}

async function saysValidJson(
  model: LanguageModel,
  question: string,
  documents: GroundingDocument[],
): Promise<boolean> {
  const messages = [
    { role: "system", content: GROUNDED_SYSTEM_PROMPT },
    documentsMessage(documents),
    { role: "user", content: question },
  ];
  let text = "";
  for await (const chunk of model.generate({ messages }, { temperature: 0, maxTokens: 40 }))
    text += chunk.text;
  try {
    parseSelection(
      text,
      documents.map((d) => d.docId),
    );
    return JSON.parse(text) !== null;
  } catch {
    return false;
  }
}

const shareOf = <T>(items: readonly T[], holds: (item: T) => boolean): number =>
  items.length === 0 ? Number.NaN : items.filter(holds).length / items.length;

function figuresOfSeen(all: Observation[]): Figure[] {
  const of = (...kinds: GroundedKind[]) => all.filter((o) => kinds.includes(o.score.kind));
  const answerable = all.filter((o) => o.score.answerable);
  const idsExact = (name: string, items: Observation[], atLeast?: number): Figure => ({
    name,
    share: shareOf(items, (o) => o.score.idsExact),
    of: items.length,
    chance: items.reduce((sum, o) => sum + o.score.chance, 0) / Math.max(1, items.length),
    ...(atLeast === undefined ? {} : { bar: { atLeast } }),
  });
  const rate = (
    name: string,
    items: Observation[],
    holds: (o: Observation) => boolean,
    bar?: Figure["bar"],
  ) => ({
    name,
    share: shareOf(items, holds),
    of: items.length,
    ...(bar ? { bar } : {}),
  });
  const value = (o: Observation) => o.score.valueRight === true;
  return [
    rate("JSON valid, no grammar", all, (o) => o.validJson, { atLeast: 1 }),
    idsExact("ids exact, single fact", of("single"), 0.9),
    idsExact("ids exact, all answerable kinds", answerable, 0.8),
    idsExact("ids exact, yes or no", of("yes-no")),
    idsExact("ids exact, two entities", of("two-entities")),
    idsExact("ids exact, one entity in two documents", of("two-documents")),
    idsExact("ids exact, topic", of("topic")),
    idsExact("refused, entity absent", of("entity-absent"), 0.95),
    idsExact("refused, attribute absent", of("attribute-absent"), 0.4),
    rate("refused wrongly", answerable, (o) => o.score.refused, { atMost: 0.04 }),
    rate("value right, single fact", of("single"), value, { atLeast: 0.8 }),
    rate("value right, all answerable kinds", answerable, value),
  ];
}

function figuresOfUnseen(all: Observation[]): Figure[] {
  const answerable = all.filter((o) => o.score.answerable);
  const chance = answerable.reduce((sum, o) => sum + o.score.chance, 0) / Math.max(1, answerable.length);
  const exact = shareOf(answerable, (o) => o.score.idsExact);
  const value = shareOf(answerable, (o) => o.score.valueRight === true);
  const of = answerable.length;
  return [
    { name: "unseen templates: ids exact", share: exact, of, chance, bar: { atLeast: 0.75 } },
    { name: "unseen templates: value right", share: value, of, bar: { atLeast: 0.35 } },
  ];
}

function printFigures(language: string, figures: Figure[]): void {
  console.log(`\n${language}${" ".repeat(40)}  share    rows  chance   bar`);
  for (const { name, share, of, chance, bar } of figures) {
    const percent = (x: number | undefined) =>
      (x === undefined ? "" : `${(100 * x).toFixed(1)} %`).padStart(8);
    const met = bar && ("atLeast" in bar ? share >= bar.atLeast : share <= bar.atMost);
    const wanted = bar && ("atLeast" in bar ? `>= ${100 * bar.atLeast} %` : `<= ${100 * bar.atMost} %`);
    const verdict = bar ? `${wanted} ${met ? "met" : "MISSED"}` : "";
    console.log(
      `${name.padEnd(40)} ${percent(share)} ${String(of).padStart(5)} ${percent(chance)}   ${verdict}`,
    );
  }
}

const CARD_DOCUMENTS: GroundingDocument[] = [
  {
    docId: 0,
    title: "Глобальное потепление: ледники",
    content: "За последние 50 лет объем ледников в мире уменьшился на 30%",
  },
  {
    docId: 1,
    title: "Глобальное потепление: Уровень моря",
    content: "Уровень мирового океана повысился на 20 см с 1880 года и продолжает расти на 3,3 мм в год",
  },
];

interface CardAnswer {
  question: string;
  ids: number[];
  answer: string;
  /** Documents that the answer's citations lead to. */
  cited: number[];
}

async function cardExample(model: LanguageModel): Promise<CardAnswer[]> {
  const answers: CardAnswer[] = [];
  for (const question of ["Глоабльное потепление", "Глобальное потепление"]) {
    const given = await finalAnswer(
      answerGrounded(model, question, CARD_DOCUMENTS, { temperature: 0, maxTokens: 200 }),
    );
    const cited = [...new Set(given.citations.flatMap((c) => c.sources.map((s) => s.docId)))].sort();
    answers.push({ question, ids: given.relevantDocIds, answer: given.answer, cited });
  }
  return answers;
}

function printCard(answers: CardAnswer[]): void {
  console.log("\nThe model card's example (bar: ids [0, 1], the answer drawn from both)");
  for (const { question, ids, answer, cited } of answers) {
    const met = `${ids}` === "0,1" && `${cited}` === "0,1";
    console.log(
      `${question} -> [${ids.join(", ")}], cites [${cited.join(", ")}]: ${met ? "met" : "MISSED"}\n  ${answer}`,
    );
  }
}
