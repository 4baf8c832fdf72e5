/** An answer with the numbers of its sources behind each sentence; sentences without any are marked in words. */
import { useMemo } from "react";
import type { Citation } from "../api/wire.ts";
import { useTexts } from "../language/language.tsx";
import { MarkdownView } from "../markdown/markdown-view.tsx";
import { placeCitations } from "../markdown/place-citations.ts";
import type { ParentNode } from "../markdown/tree.ts";
import type { NumberedSources } from "./number-sources.ts";
import { titleOf } from "./title-of-hit.ts";

export interface AnswerTextProps {
  text: string;
  parse: (text: string) => ParentNode;
  citations: readonly Citation[];
  numbered: NumberedSources;
  /** The number that is open beside the answer. */
  openNumber: number | undefined;
  onOpen: (number: number) => void;
}

export function AnswerText({ text, parse, citations, numbered, openNumber, onOpen }: AnswerTextProps) {
  const texts = useTexts();
  const tree = useMemo(() => placeCitations(parse(text), citations), [parse, text, citations]);
  const isBare = (citation: number) => citations[citation]!.sources.length === 0;

  function mark(citation: number) {
    if (isBare(citation))
      return (
        <span className="no-source">
          <span aria-hidden="true">{texts.unsupported}</span>
          <span className="visually-hidden">({texts.unsupportedSpoken})</span>
        </span>
      );
    return numbered.numbersOf.get(citations[citation]!)?.map((number) => (
      <button
        key={number}
        type="button"
        className="cite"
        aria-label={texts.sourceOf(number, titleOf(numbered.sources[number - 1]!.hit))}
        aria-expanded={number === openNumber}
        onClick={() => onOpen(number)}
      >
        {number}
      </button>
    ));
  }

  function classOf(citation: number): string | undefined {
    if (isBare(citation)) return "unsupported";
    const isOpen = numbered.numbersOf.get(citations[citation]!)?.includes(openNumber ?? -1);
    return isOpen ? "sentence-open" : undefined;
  }

  return (
    <div className="answer">
      <MarkdownView tree={tree} renderMark={mark} classOf={classOf} />
    </div>
  );
}
