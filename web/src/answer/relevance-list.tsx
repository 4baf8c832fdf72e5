/** The documents that were read, with the probability that they bear on the question: as a number, and as a bar. */
import type { Hit } from "../api/wire.ts";
import { ranked, type Turn } from "../conversation/turn.ts";
import { useNumbers, useTexts } from "../language/language.tsx";
import { titleOf } from "./title-of-hit.ts";

export interface RelevanceListProps {
  turn: Turn;
  /** Of a refusal: nothing is relevant, and these came nearest. */
  isNearest?: boolean;
  onOpen: (hit: Hit) => void;
}

const NEAREST = 3;

export function RelevanceList({ turn, isNearest = false, onOpen }: RelevanceListProps) {
  const texts = useTexts();
  const relevant = new Set(turn.relevantIds);
  const all = ranked(turn);
  const first = isNearest ? all.slice(0, NEAREST) : all.filter(({ doc_id }) => relevant.has(doc_id));
  const rest = all.filter((hit) => !first.includes(hit));
  if (first.length === 0) return null;
  return (
    <section className="relevance">
      <h3>{isNearest ? texts.nearest : texts.relevant}</h3>
      <HitRows hits={first} relevance={turn.relevance} onOpen={onOpen} />
      {rest.length > 0 && (
        <details>
          <summary>{texts.othersRead(rest.length)}</summary>
          <HitRows hits={rest} relevance={turn.relevance} onOpen={onOpen} />
        </details>
      )}
    </section>
  );
}

interface HitRowsProps {
  hits: readonly Hit[];
  relevance: Turn["relevance"];
  onOpen: (hit: Hit) => void;
}

function HitRows({ hits, relevance, onOpen }: HitRowsProps) {
  const texts = useTexts();
  const { percent } = useNumbers();
  return (
    <ul className="hits">
      {hits.map((hit) => {
        const probability = relevance[hit.doc_id];
        return (
          <li key={hit.doc_id}>
            <button type="button" className="hit" onClick={() => onOpen(hit)}>
              <span className="hit-title">{titleOf(hit)}</span>
              {hit.page !== undefined && <span className="hit-page">{texts.page(hit.page)}</span>}
            </button>
            {probability !== undefined && (
              <span className="probability">
                <span className="bar" aria-hidden="true">
                  <span style={{ inlineSize: `${100 * probability}%` }} />
                </span>
                <span className="visually-hidden">{texts.probability} </span>
                <span className="percent">{percent(probability)}</span>
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
