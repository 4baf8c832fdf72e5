/** `vikhr ask`: a collection or documents, and a question in; the relevant ids, the answer as it comes, and its sources out. */
import { EXIT, InputError } from "../errors.ts";
import { type Collection, DEFAULT_COLLECTION, listCollections } from "../index/collections.ts";
import type { CorpusOptions } from "../rag/answer.ts";
import { answererOf } from "../rag/answerer-of.ts";
import { answerJson, corpusAnswerJson } from "../server/wire/answer-json.ts";
import type { GroundingDocument } from "../spec/document.ts";
import type { GroundedAnswer, GroundedAnswerer, GroundedOptions } from "../spec/grounding.ts";
import { readTextFile } from "../util/read-text-file.ts";
import { terminalJson } from "../util/terminal-text.ts";
import { AnswerPrinter, type Output } from "./answer-printer.ts";
import { chunkFilter } from "./corpus/chunk-filter.ts";
import { openCorpusForSearch } from "./corpus/open-corpus.ts";
import { runCorpusAnswer } from "./corpus/run-corpus-answer.ts";
import { existing } from "./corpus/sync.ts";
import { openModel, QUOTES, QUOTES_HINT, sayLoaded } from "./open-model.ts";
import { readSettings, samplingOptions } from "./settings.ts";
import { onInterrupt } from "./signals.ts";

/** Some thousand of the longest documents. */
const MAX_DOCUMENTS_BYTES = 64 * 1024 * 1024;

export async function ask(question: string, flags: Record<string, unknown>): Promise<number> {
  const settings = readSettings({ flags });
  if (question.trim() === "") throw new InputError("the question is empty: ask something");
  const filter = chunkFilter(flags);
  if (flags.documents !== undefined && filter.filter)
    throw new InputError(
      "--path, --format, --since and --until choose among a collection's files, and --documents has none",
    );
  if (flags.documents !== undefined && flags.collection !== undefined)
    throw new InputError("--documents and --collection are both given: ask one of them");
  if (flags.documents === undefined && flags.collection === undefined && listCollections().length === 0)
    throw new InputError(
      "there is nothing to ask: vikhr add <folder> reads your files, or give --documents <file>",
    );
  const corpus =
    flags.documents === undefined ? existing(String(flags.collection ?? DEFAULT_COLLECTION)) : undefined;
  const documents = corpus ? [] : await readDocuments(String(flags.documents));
  // Ctrl-C while the model opens ends the program at once: nothing has begun.
  const model = await openModel(settings, flags.json ? undefined : sayLoaded);
  const interruption = onInterrupt(() => process.exit(EXIT.interrupted));
  if (model === undefined && settings.model !== QUOTES && !flags.json)
    process.stderr.write(`vikhr: ${QUOTES_HINT}\n`);
  const options = { ...samplingOptions(settings), signal: interruption.signal };
  try {
    const answerer = await answererOf(model, corpus ? "answerWithPassages" : "answerWithQuotes");
    const output = flags.json ? undefined : process.stdout;
    const { json, answer } = corpus
      ? await askCorpus(corpus, answerer, question, { ...options, ...filter }, output)
      : await askDocuments(answerer, question, documents, options, output);
    if (flags.json) process.stdout.write(`${terminalJson(json)}\n`);
    return answer.finishReason === "aborted" ? EXIT.interrupted : EXIT.ok;
  } finally {
    await model?.close();
    interruption.dispose();
  }
}

interface Asked {
  answer: GroundedAnswer;
  json: object;
}

async function askDocuments(...given: Parameters<typeof runAnswer>): Promise<Asked> {
  const answer = await runAnswer(...given);
  return { answer, json: answerJson(answer) };
}

async function askCorpus(
  collection: Collection,
  answerer: GroundedAnswerer,
  question: string,
  options: CorpusOptions,
  output?: Output,
): Promise<Asked> {
  const corpus = await openCorpusForSearch(collection);
  try {
    const dialogue = [{ role: "user", content: question }];
    const answer = await runCorpusAnswer(corpus, answerer, dialogue, options, output);
    return { answer, json: corpusAnswerJson(answer) };
  } finally {
    await corpus.close();
  }
}

/** Streams to `output`, where there is one, and gives the whole. */
export async function runAnswer(
  answerer: GroundedAnswerer,
  question: string,
  documents: readonly GroundingDocument[],
  options: GroundedOptions = {},
  output?: Output,
): Promise<GroundedAnswer> {
  const printer = output && new AnswerPrinter(output, question, documents);
  for await (const event of answerer(question, documents, options)) {
    if (event.type === "relevant") printer?.relevant(event.relevantDocIds, event.relevance);
    else if (event.type === "text") printer?.text(event.text);
    else {
      printer?.sources(event.answer);
      return event.answer;
    }
  }
  throw new Error("the answer has no end");
}

async function readDocuments(path: string): Promise<GroundingDocument[]> {
  const name = path === "-" ? "stdin" : path;
  const text = readTextFile(path, { maxBytes: MAX_DOCUMENTS_BYTES });
  if (text.trim() === "")
    throw new InputError(`${name} is empty: give a JSON array of {doc_id, title, content}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${name} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const { parseDocuments } = await import("../grounding/parse-documents.ts");
  try {
    return parseDocuments(json);
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${name}: ${error.message}`, { cause: error });
    throw error;
  }
}
