/** The numbered sources below an answer: title, page, and the words that are cited. */
import { useTexts } from "../language/language.tsx";
import type { NumberedSource } from "./number-sources.ts";
import { titleOf } from "./title-of-hit.ts";

export interface SourceListProps {
  sources: readonly NumberedSource[];
  openNumber: number | undefined;
  onOpen: (number: number) => void;
}

const EXCERPT = 140;

export function SourceList({ sources, openNumber, onOpen }: SourceListProps) {
  const texts = useTexts();
  if (sources.length === 0) return null;
  return (
    <section className="sources">
      <h3>{texts.sources}</h3>
      <ol>
        {sources.map(({ hit, source, excerpt }, i) => {
          const page = source.file?.page ?? hit.page;
          const words = excerpt.replace(/\s+/g, " ").trim();
          return (
            <li key={`${source.doc_id}:${source.start}:${source.end}`}>
              <button
                type="button"
                className="source"
                aria-expanded={openNumber === i + 1}
                onClick={() => onOpen(i + 1)}
              >
                <span className="source-number">{i + 1}</span>
                <span className="source-title">{titleOf(hit)}</span>
                {page !== undefined && <span className="source-page">{texts.page(page)}</span>}
                <span className="source-words">
                  {words.length > EXCERPT ? `${words.slice(0, EXCERPT)}…` : words}
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
