/**
 * A grounded answer for people, as it comes: the relevant documents with their probabilities, the text, numbered
 * sources with the sentences they support. Labels follow the question's language; nothing in it can steer a terminal.
 */
import picocolors from "picocolors";
import type { CitationSource, GroundingDocument } from "../spec/document.ts";
import type { GroundedAnswer } from "../spec/grounding.ts";
import { isMostlyCyrillic } from "../util/is-mostly-cyrillic.ts";
import { terminalLine, terminalText } from "../util/terminal-text.ts";
import { visibleText } from "../util/visible-text.ts";

export interface Output {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

const LABELS = {
  en: {
    relevant: "Relevant documents",
    none: "none",
    sources: "Sources",
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

/** Where a source stands, as people look for it. */
export interface Place {
  name: string;
  page?: number;
  start: number;
  end: number;
}

export interface AnswerPrinter {
  relevant(ids: readonly number[], relevance: ReadonlyMap<number, number>): void;
  text(piece: string): void;
  sources(answer: GroundedAnswer): void;
}

export function answerPrinter(
  output: Output,
  question: string,
  documents: readonly GroundingDocument[],
  placeOf?: (source: CitationSource) => Place,
): AnswerPrinter {
  const label = LABELS[isMostlyCyrillic(question) ? "ru" : "en"];
  const color = picocolors.createColors(Boolean(output.isTTY) && picocolors.isColorSupported);
  const listed = (sentences: readonly number[]) =>
    `${sentences.length > 1 ? label.sentences : label.sentence} ${sentences.join(", ")}`;
  return {
    relevant(ids, relevance) {
      const shown = ids.map(
        (id) => `${color.bold(id)} ${color.dim(`(${(relevance.get(id) ?? 0).toFixed(2)})`)}`,
      );
      output.write(`${label.relevant}: ${shown.join(", ") || label.none}\n\n`);
    },
    text: (piece) => output.write(terminalText(piece)),
    sources(answer) {
      output.write("\n");
      if (answer.finishReason === "length") output.write(`${color.dim(label.cut)}\n`);
      if (answer.finishReason === "aborted") output.write(`${color.dim(label.stopped)}\n`);
      const sources = numberedSources(answer, documents);
      if (sources.length > 0) output.write(`\n${label.sources}:\n`);
      for (const [i, { source, sentences, verbatim }] of sources.entries()) {
        const document = documents.find(({ docId }) => docId === source.docId);
        const title = terminalLine(document?.title ?? "", EXCERPT);
        const { name, page, start, end } = placeOf?.(source) ?? {
          ...source,
          name: `${label.document} ${source.docId}`,
        };
        const onPage = page === undefined ? "" : `, ${label.page} ${page}`;
        const place = `${terminalLine(name, MAX_NAME)}${onPage}, ${label.characters} ${start}-${end}`;
        const about = verbatim ? place : `${place} · ${listed(sentences)}`;
        output.write(
          `  ${color.cyan(`[${i + 1}]`)} ${title === "" ? "" : `${color.bold(title)} · `}${color.dim(about)}\n`,
        );
        // A quote stands in the answer already.
        if (verbatim) continue;
        const excerpt = document?.content.slice(source.start, source.end) ?? "";
        output.write(`      ${terminalLine(excerpt, EXCERPT)}\n`);
      }
      const bare = answer.citations.flatMap((citation, i) => (citation.sources.length === 0 ? [i + 1] : []));
      if (bare.length > 0) output.write(`${color.yellow(`${label.unsupported}: ${listed(bare)}`)}\n`);
    },
  };
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

/** Whether a reader of the source sees this text, whatever its layout. */
function says(source: string, text: string): boolean {
  const letters = (seen: string) => seen.replace(/[^\p{L}\p{N}]+/gu, "");
  return letters(visibleText(source).text) === letters(text);
}
