/** Citations -> the places that they name, each numbered once, in the order in which the answer comes to them. */
import type { Citation, CitationSource, Hit } from "../api/wire.ts";

export interface NumberedSource {
  hit: Hit;
  source: CitationSource;
  /** What of the hit's text is meant. */
  excerpt: string;
}

export interface NumberedSources {
  /** The number is the index and one. */
  sources: NumberedSource[];
  /** Of each citation that has some, ascending as they come. */
  numbersOf: Map<Citation, number[]>;
}

/** Sources whose hit is not there are left out. */
export function numberSources(citations: readonly Citation[], hits: readonly Hit[]): NumberedSources {
  const byId = new Map(hits.map((hit) => [hit.doc_id, hit]));
  const numbers = new Map<string, number>();
  const sources: NumberedSource[] = [];
  const numbersOf = new Map<Citation, number[]>();
  for (const citation of citations) {
    const own = new Set<number>();
    for (const source of citation.sources) {
      const hit = byId.get(source.doc_id);
      if (!hit) continue;
      const key = `${source.doc_id}:${source.start}:${source.end}`;
      let number = numbers.get(key);
      if (number === undefined) {
        sources.push({ hit, source, excerpt: hit.text.slice(source.start, source.end) });
        number = sources.length;
        numbers.set(key, number);
      }
      own.add(number);
    }
    if (own.size > 0) numbersOf.set(citation, [...own]);
  }
  return { sources, numbersOf };
}
