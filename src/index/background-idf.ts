/**
 * A stem in, how much it tells out: inverse document frequency in general Russian and English text, for places
 * where the documents at hand are too few to count in. Decodes the shipped table on first use.
 */
import { ENGLISH_STEMS, PASSAGES, RUSSIAN_STEMS } from "./background-table.ts";

let table: Map<string, number> | undefined;

/** Natural logarithm of (passages / passages with the stem); a stem that was not seen counts as seen once. */
export function backgroundIdf(stem: string): number {
  table ??= new Map([...decode(RUSSIAN_STEMS), ...decode(ENGLISH_STEMS)]);
  return table.get(stem) ?? Math.log(/[а-я]/.test(stem) ? PASSAGES.ru : PASSAGES.en);
}

function* decode(lines: string): Generator<[string, number]> {
  for (const line of lines.split("\n")) {
    const [level, ...stems] = line.split(" ");
    const idf = (Number(level) / 2) * Math.LN2;
    let previous = "";
    for (const code of stems) {
      previous = previous.slice(0, Number.parseInt(code[0]!, 36)) + code.slice(1);
      yield [previous, idf];
    }
  }
}
