/**
 * A grounded answer for people, as it comes: the relevant documents with their probabilities, the text, numbered
 * sources with the sentences they support; of a collection that does not answer, what came nearest. Labels follow the
 * question's language; nothing in it can steer a terminal.
 */
import picocolors from "picocolors";
import { nearestPassage } from "../grounding/quotes/nearest-passage.ts";
import type { CitationSource, GroundingDocument } from "../spec/document.ts";
import type { GroundedAnswer } from "../spec/grounding.ts";
import { isMostlyCyrillic } from "../util/is-mostly-cyrillic.ts";
import { terminalLine, terminalText } from "../util/terminal-text.ts";
import { visibleText } from "../util/visible-text.ts";
import { excerpt } from "./excerpt.ts";

export interface Output {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

const LABELS = {
  en: {
    relevant: "Relevant documents",
    none: "none",
    sources: "Sources",
    nearest: "Nearest to the question",
    document: "document",
    page: "page",
    characters: "characters",
    sentences: "sentences",
    sentence: "sentence",
    unsupported: "Nothing in the documents was found for",
    cut: "(the answer was cut: at --max-tokens, or where --context-size was full)",
    stopped: "(stopped)",
  },
  ru: {
    relevant: "Релевантные документы",
    none: "нет",
    sources: "Источники",
    nearest: "Ближе всего к вопросу",
    document: "документ",
    page: "страница",
    characters: "символы",
    sentences: "предложения",
    sentence: "предложение",
    unsupported: "В документах не найдено подтверждение для",
    cut: "(ответ обрезан: по --max-tokens или потому, что --context-size заполнен)",
    stopped: "(остановлено)",
  },
};

/** Of a source's text, and of its file's name. */
const EXCERPT = 160;
const MAX_NAME = 1000;

/** Documents named where none is relevant, and the least probability of one: below it they share hardly a word. */
const NEAREST = 3;
const LEAST_NEAR = 0.01;

/** Where a source stands, as people look for it. */
export interface Place {
  name: string;
  page?: number;
  start: number;
  end: number;
}

export class AnswerPrinter {
  readonly #output: Output;
  readonly #question: string;
  readonly #documents: readonly GroundingDocument[];
  readonly #placeOf: ((source: CitationSource) => Place) | undefined;
  readonly #label: (typeof LABELS)["en"];
  readonly #color: ReturnType<typeof picocolors.createColors>;

  /** `placeOf`: of a collection. */
  constructor(
    output: Output,
    question: string,
    documents: readonly GroundingDocument[],
    placeOf?: (source: CitationSource) => Place,
  ) {
    this.#output = output;
    this.#question = question;
    this.#documents = documents;
    this.#placeOf = placeOf;
    this.#label = LABELS[isMostlyCyrillic(question) ? "ru" : "en"];
    this.#color = picocolors.createColors(Boolean(output.isTTY) && picocolors.isColorSupported);
  }

  relevant(ids: readonly number[], relevance: ReadonlyMap<number, number>): void {
    const { bold, dim } = this.#color;
    const shown = ids.map((id) => `${bold(id)} ${dim(`(${(relevance.get(id) ?? 0).toFixed(2)})`)}`);
    this.#output.write(`${this.#label.relevant}: ${shown.join(", ") || this.#label.none}\n\n`);
  }

  text(piece: string): void {
    this.#output.write(terminalText(piece));
  }

  sources(answer: GroundedAnswer): void {
    const label = this.#label;
    this.#output.write("\n");
    if (answer.finishReason === "length") this.#output.write(`${this.#color.dim(label.cut)}\n`);
    if (answer.finishReason === "aborted") this.#output.write(`${this.#color.dim(label.stopped)}\n`);
    if (this.#placeOf && answer.relevantDocIds.length === 0) this.#nearest(answer.relevance);
    const sources = numberedSources(answer, this.#documents);
    if (sources.length > 0) this.#output.write(`\n${label.sources}:\n`);
    for (const [i, { source, sentences, verbatim }] of sources.entries()) {
      this.#source(i + 1, source, verbatim ? undefined : this.#listed(sentences));
      // A quote stands in the answer already.
      if (!verbatim) this.#excerpt(source);
    }
    const bare = answer.citations.flatMap(({ sources }, i) => (sources.length === 0 ? [i + 1] : []));
    if (bare.length > 0)
      this.#output.write(`${this.#color.yellow(`${label.unsupported}: ${this.#listed(bare)}`)}\n`);
  }

  /** Nothing answers: where somebody who words the question otherwise would look first. */
  #nearest(relevance: ReadonlyMap<number, number>): void {
    const probable = this.#documents
      .filter(({ docId }) => (relevance.get(docId) ?? 0) >= LEAST_NEAR)
      .sort((a, b) => relevance.get(b.docId)! - relevance.get(a.docId)!)
      .slice(0, NEAREST);
    if (probable.length > 0) this.#output.write(`\n${this.#label.nearest}:\n`);
    for (const [i, document] of probable.entries()) {
      const { docId, content } = document;
      const whole = { start: 0, end: content.length, text: visibleText(content).text, match: undefined };
      const { start, end, text, match } = nearestPassage(this.#question, document, EXCERPT) ?? whole;
      this.#source(i + 1, { docId, start, end }, relevance.get(docId)!.toFixed(2));
      this.#output.write(`      ${excerpt(text, match, EXCERPT)}\n`);
    }
  }

  #source(number: number, source: CitationSource, about?: string): void {
    const { bold, cyan, dim } = this.#color;
    const label = this.#label;
    const title = terminalLine(this.#documentOf(source)?.title ?? "", EXCERPT);
    const { name, page, start, end } = this.#placeOf?.(source) ?? {
      ...source,
      name: `${label.document} ${source.docId}`,
    };
    const onPage = page === undefined ? "" : `, ${label.page} ${page}`;
    const place = `${terminalLine(name, MAX_NAME)}${onPage}, ${label.characters} ${start}-${end}`;
    const detail = dim(about === undefined ? place : `${place} · ${about}`);
    this.#output.write(`  ${cyan(`[${number}]`)} ${title === "" ? "" : `${bold(title)} · `}${detail}\n`);
  }

  #excerpt(source: CitationSource): void {
    const content = this.#documentOf(source)?.content ?? "";
    const { text } = visibleText(content.slice(source.start, source.end));
    this.#output.write(`      ${terminalLine(text, EXCERPT)}\n`);
  }

  #documentOf({ docId }: CitationSource): GroundingDocument | undefined {
    return this.#documents.find((document) => document.docId === docId);
  }

  #listed(sentences: readonly number[]): string {
    return `${sentences.length > 1 ? this.#label.sentences : this.#label.sentence} ${sentences.join(", ")}`;
  }
}

interface NumberedSource {
  source: CitationSource;
  /** Of the answer, from 1. */
  sentences: number[];
  /** The one sentence it supports is the source itself. */
  verbatim: boolean;
}

/** Each place once, in the order in which the answer comes to them. */
function numberedSources(answer: GroundedAnswer, documents: readonly GroundingDocument[]): NumberedSource[] {
  const places = new Map<string, NumberedSource>();
  for (const [i, { sources, text }] of answer.citations.entries())
    for (const source of sources) {
      const key = `${source.docId}:${source.start}:${source.end}`;
      const place = places.get(key) ?? { source, sentences: [], verbatim: false };
      if (!place.sentences.includes(i + 1)) place.sentences.push(i + 1);
      const content = documents.find(({ docId }) => docId === source.docId)?.content;
      place.verbatim =
        place.sentences.length === 1 && says(content?.slice(source.start, source.end) ?? "", text);
      places.set(key, place);
    }
  return [...places.values()];
}

/** The line that opens a block of code names its language, for programs. */
const FENCE = /^[^\S\n>]*(?:>[^\S\n]?)*(?:`{3,}|~{3,}).*$/gm;

/** Whether a reader of the source sees this text, whatever its layout. */
function says(source: string, text: string): boolean {
  const letters = (seen: string) => seen.replace(/[^\p{L}\p{N}]+/gu, "");
  return letters(visibleText(source).text.replace(FENCE, "")) === letters(text);
}
