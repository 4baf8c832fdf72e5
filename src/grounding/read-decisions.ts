/**
 * The first step's text, perhaps not finished, read as the chain of decisions it stands for: after each chosen id
 * (or none), the next one or the end of the list. White space is free, as for servers without a grammar.
 */

/** The decision to choose no further document. */
export const CLOSE = -1;

export interface Decisions {
  /** Made by the text, whatever follows it; ascending ids, then perhaps `CLOSE`. */
  made: number[];
  /** What the next decision can still be, given the text; empty once the list is closed. */
  open: number[];
}

const HEAD = ["{", '"relevant_doc_ids"', ":", "["];
const WHITE_SPACE = /^[ \t\r\n]*/;

/** Undefined where no completion of `text` selects ascending ids out of `ids` (which are ascending themselves). */
export function readDecisions(text: string, ids: readonly number[]): Decisions | undefined {
  let rest = text;
  for (const part of HEAD) {
    rest = rest.replace(WHITE_SPACE, "");
    if (!rest.startsWith(part)) return part.startsWith(rest) ? settle([], [...ids, CLOSE], ids) : undefined;
    rest = rest.slice(part.length);
  }
  return readList(rest, ids);
}

function readList(list: string, ids: readonly number[]): Decisions | undefined {
  const made: number[] = [];
  let rest = list;
  for (let comma = false; ; comma = true) {
    rest = rest.replace(WHITE_SPACE, "");
    const left = later(ids, made);
    if (rest === "")
      return left.length > 0 || !comma ? settle(made, comma ? left : [...left, CLOSE], ids) : undefined;
    if (rest.startsWith("]") && !comma) return readEnd(rest, made);
    const digits = /^\d*/.exec(rest)![0];
    if (digits === rest)
      return settle(
        made,
        left.filter((id) => String(id).startsWith(digits)),
        ids,
      );
    const id = left.find((candidate) => String(candidate) === digits);
    if (id === undefined) return undefined;
    made.push(id);
    rest = rest.slice(digits.length).replace(WHITE_SPACE, "");
    if (rest === "") return settle(made, [...later(ids, made), CLOSE], ids);
    if (rest.startsWith("]")) return readEnd(rest, made);
    if (!rest.startsWith(",")) return undefined;
    rest = rest.slice(1);
  }
}

function readEnd(rest: string, made: readonly number[]): Decisions | undefined {
  return /^\][ \t\r\n]*(\}|$)/.test(rest) ? { made: [...made, CLOSE], open: [] } : undefined;
}

/** Where one possibility is left, it is a decision made. */
function settle(
  made: readonly number[],
  open: readonly number[],
  ids: readonly number[],
): Decisions | undefined {
  if (open.length === 0) return undefined;
  if (open.length > 1) return { made: [...made], open: [...open] };
  const all = [...made, open[0]!];
  return open[0] === CLOSE ? { made: all, open: [] } : settle(all, [...later(ids, all), CLOSE], ids);
}

function later(ids: readonly number[], made: readonly number[]): number[] {
  const last = made.at(-1);
  return last === undefined ? [...ids] : ids.filter((id) => id > last);
}
