/**
 * npm run bench -- book [--model nano] [--verbose]
 *
 * The Rust book in Russian and in English, added as a folder, and 20 questions a language whose pages are known: search
 * must find the page, and quotes the answer. `--model` (a name or a GGUF file) is measured beside quotes, without bars; so
 * are 20 more questions a language, by which refusing was chosen, and 20 that nothing was chosen by. Whoever wrote these had
 * seen the book alone.
 */
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { openModel } from "../src/cli/open-model.ts";
import { DocumentReader } from "../src/documents/document-reader.ts";
import { ContextOverflowError } from "../src/errors.ts";
import type { ChunkIndex } from "../src/index/chunk-index.ts";
import { openLanceIndex } from "../src/index/lance-index.ts";
import { syncIndex } from "../src/index/sync.ts";
import { answerFromCorpus, type CorpusAnswer } from "../src/rag/answer.ts";
import { answererOf } from "../src/rag/answerer-of.ts";
import type { Hit } from "../src/retrieval/search.ts";
import type { GroundedAnswerer } from "../src/spec/grounding.ts";
import { LANGUAGES, type Language } from "./xquad.ts";

const BOOK_FOLDER = join(import.meta.dirname, "../../shared/data/text/parallel/rust-book");
const K = 6;
/** Of 20. */
const BARS = { found: 18, held: 15 };

interface BookQuestion {
  question: string;
  /** Names of the files that answer it. */
  pages: string[];
  /** An answer has one of these, word for word from the pages. */
  answers: string[];
}

interface Observation {
  question: BookQuestion;
  /** Of the first chunk of a right page, from 1; infinite where there is none. */
  rank: number;
  held: boolean;
  hits: Hit[];
  /** None where what was found does not fit the model's context. */
  answer: CorpusAnswer | undefined;
}

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { model: { type: "string" }, verbose: { type: "boolean", default: false } },
  });
  if (!existsSync(BOOK_FOLDER)) {
    console.error("book: the Rust book is not in ../shared/data/text/parallel/rust-book");
    process.exitCode = 1;
    return;
  }
  const sets = [
    { name: "", questions: loadQuestions("questions.json"), hasBars: true },
    { name: ", tuning", questions: loadQuestions("tuning.json"), hasBars: false },
    { name: ", held out", questions: loadQuestions("held-out.json"), hasBars: false },
  ];
  const model = values.model === undefined ? undefined : await openModel({ model: values.model });
  const answerers = new Map([["quotes", await answererOf(undefined, "answerWithPassages")]]);
  if (values.model !== undefined && model)
    answerers.set(basename(values.model), await answererOf(model, "answerWithPassages"));
  const bars = `top ${K} [${BARS.found}]    MRR   answer [${BARS.held}]`;
  console.log(`${"questions, folders, who answers".padEnd(40)} ${bars}`);
  for (const folders of [["ru"], ["en"], ["ru", "en"]] as Language[][])
    await withIndex(folders, async (index) => {
      for (const { name: set, questions, hasBars } of sets)
        for (const [name, answerer] of answerers)
          for (const language of folders) {
            const observations = await observe(index, answerer, language, questions[language]);
            const about = `${language}  ${folders.join(" and ")}  ${name}${set}`;
            print(about, observations, hasBars && name === "quotes");
            if (values.verbose) for (const observation of observations) printQuestion(observation);
          }
    });
  await model?.close();
}

function loadQuestions(name: string): Record<Language, BookQuestion[]> {
  const text = readFileSync(join(import.meta.dirname, "book", name), "utf8");
  const questions = JSON.parse(text) as Record<Language, BookQuestion[]>;
  for (const language of LANGUAGES)
    for (const { question, pages, answers } of questions[language]) {
      const texts = pages.map((page) => plain(readFileSync(pathOf(language, page), "utf8")));
      // The book in the folder may be another edition than the one that the questions were written from.
      const lost = answers.find((answer) => !texts.some((text) => text.includes(plain(answer))));
      if (lost !== undefined) throw new Error(`${question}: no page has ${JSON.stringify(lost)}`);
    }
  return questions;
}

const folderOf = (language: Language) => realpathSync(join(BOOK_FOLDER, `rustbook-${language}`));
const pathOf = (language: Language, page: string) => join(folderOf(language), "src", page);
const plain = (text: string) => text.replace(/\s+/g, " ").toLowerCase();

/** The folders added as `vikhr add` adds them. */
async function withIndex(
  languages: readonly Language[],
  use: (index: ChunkIndex) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "vikhr-bench-"));
  const reader = new DocumentReader();
  try {
    const index = await openLanceIndex(folder);
    const sources = languages.map((language) => ({ location: folderOf(language), kind: "folder" as const }));
    const { failed } = await syncIndex(index, sources, reader);
    if (failed.length > 0) throw new Error(`${failed[0]!.path}: ${failed[0]!.reason}`);
    await use(index);
    await index.close();
  } finally {
    reader.close();
    rmSync(folder, { recursive: true });
  }
}

async function observe(
  index: ChunkIndex,
  answerer: GroundedAnswerer,
  language: Language,
  questions: readonly BookQuestion[],
): Promise<Observation[]> {
  const observations: Observation[] = [];
  for (const question of questions) {
    const right = new Set(question.pages.map((page) => pathOf(language, page)));
    const { hits, answer } = await ask(index, answerer, question.question);
    const ofRightPage = hits.map(({ chunk }) => right.has(chunk.source));
    const rank = ofRightPage.includes(true) ? ofRightPage.indexOf(true) + 1 : Number.POSITIVE_INFINITY;
    const said = question.answers.some((text) => answer && plain(answer.answer).includes(plain(text)));
    const isFromRightPage = behind(answer).some((docId) => ofRightPage[docId]);
    observations.push({ question, rank, held: said && isFromRightPage, hits, answer });
  }
  return observations;
}

async function ask(
  index: ChunkIndex,
  answerer: GroundedAnswerer,
  question: string,
): Promise<Pick<Observation, "hits" | "answer">> {
  let hits: Hit[] = [];
  try {
    for await (const event of answerFromCorpus(index, answerer, question, { temperature: 0, maxTokens: 200 }))
      if (event.type === "hits") hits = event.hits;
      else if (event.type === "done") return { hits, answer: event.answer };
  } catch (error) {
    if (error instanceof ContextOverflowError) return { hits, answer: undefined };
    throw error;
  }
  throw new Error("the answer has no end");
}

/** The documents that an answer comes from: chosen, or cited. */
const behind = (answer: CorpusAnswer | undefined) =>
  answer === undefined
    ? []
    : [
        ...answer.relevantDocIds,
        ...answer.citations.flatMap(({ sources }) => sources.map(({ docId }) => docId)),
      ];

function print(name: string, observations: readonly Observation[], hasBars: boolean): void {
  const found = observations.filter(({ rank }) => rank <= K).length;
  const held = observations.filter((observation) => observation.held).length;
  const mrr = observations.reduce((sum, { rank }) => sum + 1 / rank, 0) / observations.length;
  const unfit = observations.filter(({ answer }) => answer === undefined).length;
  const isMissed = hasBars && (found < BARS.found || held < BARS.held);
  const columns = [
    name.padEnd(40),
    `${found} of ${observations.length}`.padStart(10),
    mrr.toFixed(3).padStart(6),
    `${held} of ${observations.length}`.padStart(13),
  ];
  if (hasBars) columns.push(isMissed ? "  MISSED" : "  met");
  if (unfit > 0) columns.push(`  ${unfit} do not fit its context`);
  console.log(columns.join(" "));
  if (isMissed) process.exitCode = 1;
}

function printQuestion({ question, rank, held, hits, answer }: Observation): void {
  const places = hits.slice(0, K).map(({ chunk }) => basename(chunk.source, ".md"));
  console.log(
    `\n  ${question.question}\n  page ${rank}, answer ${held ? "held" : "NOT HELD"}: ${places.join(", ")}`,
  );
  console.log((answer?.answer ?? "(does not fit)").replace(/^/gm, "    "));
}
