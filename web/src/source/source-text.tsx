/** A text in sections, pages named, with one place marked and scrolled to. */
import { useEffect, useMemo, useRef, useState } from "react";
import { useTexts } from "../language/language.tsx";
import { readableText } from "./readable-text.ts";
import { type Range, type Section, splitText, windowAround } from "./split-text.ts";

export interface SourceTextProps {
  text: string;
  format: string;
  pageStarts: readonly number[] | null;
  place: Range | undefined;
}

/** Characters on both sides of the place that are shown at first. */
const REACH = 100_000;

export function SourceText({ text, format, pageStarts, place }: SourceTextProps) {
  const texts = useTexts();
  const [isAll, setIsAll] = useState(false);
  const mark = useRef<HTMLElement>(null);
  const readable = useMemo(() => readableText(text, format), [text, format]);
  const [start, end] = [place?.start ?? 0, place?.end ?? 0];
  const shown = useMemo(() => readable.shown({ start, end }), [readable, start, end]);
  const part = windowAround(readable.text, shown, isAll ? Number.POSITIVE_INFINITY : REACH);
  const sections = splitText(readable.text, pageStarts, part);

  useEffect(() => {
    mark.current?.scrollIntoView({ block: "center" });
  }, [shown]);

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with keys
    <div className="panel-text" data-format={format} tabIndex={0}>
      {sections.map((section) => (
        <div key={section.start} className="section">
          {section.page !== undefined && <p className="page-mark">{texts.page(section.page)}</p>}
          {pieces(readable.text, section, shown)}
        </div>
      ))}
      {part.end - part.start < readable.text.length && (
        <button type="button" className="button" onClick={() => setIsAll(true)}>
          {texts.wholeText}
        </button>
      )}
    </div>
  );

  function pieces(whole: string, section: Section, marked: Range) {
    const from = Math.max(section.start, marked.start);
    const to = Math.min(section.end, marked.end);
    if (from >= to) return whole.slice(section.start, section.end);
    return (
      <>
        {whole.slice(section.start, from)}
        {from === marked.start && <span className="visually-hidden">{texts.cited}: </span>}
        <mark ref={from === marked.start ? mark : undefined}>{whole.slice(from, to)}</mark>
        {whole.slice(to, section.end)}
      </>
    );
  }
}
