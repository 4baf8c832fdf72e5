/**
 * A grounded answer for people, as it comes: the relevant documents with their probabilities, the text, numbered
 * sources with the sentences they support. Labels follow the question's language; nothing in it can steer a terminal.
 */
import picocolors from "picocolors";
import type { CitationSource, GroundingDocument } from "../spec/document.ts";
import type { GroundedAnswer } from "../spec/grounding.ts";
import { isMostlyCyrillic } from "../util/is-mostly-cyrillic.ts";
import { terminalLine, terminalText } from "../util/terminal-text.ts";

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
    characters: "characters",
    sentences: "sentences of the answer",
    sentence: "sentence of the answer",
    unsupported: "Nothing in the documents was found for",
    cut: "(the answer was cut at --max-tokens)",
    stopped: "(stopped)",
  },
  ru: {
    relevant: "Релевантные документы",
    none: "нет",
    sources: "Источники",
    document: "документ",
    characters: "символы",
    sentences: "предложения ответа",
    sentence: "предложение ответа",
    unsupported: "В документах не найдено подтверждение для",
    cut: "(ответ обрезан по --max-tokens)",
    stopped: "(остановлено)",
  },
};

/** Of a source's text. */
const EXCERPT = 160;

export interface AnswerPrinter {
  relevant(ids: readonly number[], relevance: ReadonlyMap<number, number>): void;
  text(piece: string): void;
  sources(answer: GroundedAnswer): void;
}

export function answerPrinter(
  output: Output,
  question: string,
  documents: readonly GroundingDocument[],
): AnswerPrinter {
  const label = LABELS[isMostlyCyrillic(question) ? "ru" : "en"];
  const color = picocolors.createColors(Boolean(output.isTTY) && picocolors.isColorSupported);
  return {
    relevant(ids, relevance) {
      const listed = ids.map(
        (id) => `${color.bold(id)} ${color.dim(`(${(relevance.get(id) ?? 0).toFixed(2)})`)}`,
      );
      output.write(`${label.relevant}: ${listed.join(", ") || label.none}\n\n`);
    },
    text: (piece) => output.write(terminalText(piece)),
    sources(answer) {
      output.write("\n");
      if (answer.finishReason === "length") output.write(`${color.dim(label.cut)}\n`);
      if (answer.finishReason === "aborted") output.write(`${color.dim(label.stopped)}\n`);
      const sources = numberedSources(answer);
      if (sources.length === 0) return;
      output.write(`\n${label.sources}:\n`);
      for (const [i, { source, sentences }] of sources.entries()) {
        const document = documents.find(({ docId }) => docId === source.docId);
        const title = terminalLine(document?.title ?? "", EXCERPT);
        const excerpt = terminalLine(document?.content.slice(source.start, source.end) ?? "", EXCERPT);
        const place = `${label.document} ${source.docId}, ${label.characters} ${source.start}-${source.end}`;
        const supports = `${sentences.length > 1 ? label.sentences : label.sentence} ${sentences.join(", ")}`;
        output.write(
          `  ${color.cyan(`[${i + 1}]`)} ${title === "" ? "" : `${color.bold(title)} · `}${color.dim(`${place} · ${supports}`)}\n`,
        );
        output.write(`      ${excerpt}\n`);
      }
      const bare = answer.citations.flatMap((citation, i) => (citation.sources.length === 0 ? [i + 1] : []));
      if (bare.length > 0)
        output.write(
          `${color.yellow(`${label.unsupported}: ${bare.length > 1 ? label.sentences : label.sentence} ${bare.join(", ")}`)}\n`,
        );
    },
  };
}

/** Each place once, in the order in which the answer comes to them, with the sentences (from 1) it supports. */
function numberedSources(answer: GroundedAnswer): { source: CitationSource; sentences: number[] }[] {
  const places = new Map<string, { source: CitationSource; sentences: number[] }>();
  for (const [i, { sources }] of answer.citations.entries())
    for (const source of sources) {
      const key = `${source.docId}:${source.start}:${source.end}`;
      const place = places.get(key) ?? { source, sentences: [] };
      if (!place.sentences.includes(i + 1)) place.sentences.push(i + 1);
      places.set(key, place);
    }
  return [...places.values()];
}
