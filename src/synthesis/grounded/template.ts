/**
 * Sentence templates, parsed once. Slots: `{e}` entity, `{f}` second entity, `{v}` value, `{l}` label, `{k}`
 * second label, each with a case after a dot (`{e.g}`); `{a|b|c}` agrees with the entity's gender,
 * `{v:a|b|c}` and `{l:a|b|c}` with another slot's. Knows no language.
 */
import type { Case, Gender, Noun } from "./grammar.ts";

type Slot = "e" | "f" | "v" | "l" | "k";

/** What fills the slots; a template may use only those given. */
export type Fillers = Partial<Record<Slot, Noun>>;

type Part =
  | { text: string }
  | { slot: Slot; form: Case }
  | { slot: Slot; agree: Readonly<Record<Gender, string>> };

export interface Template {
  /** As written; the identity of a template. */
  source: string;
  parts: readonly Part[];
}

const SLOT = /^([efvlk])(?:\.([ngdaip]))?$/;
const AGREEMENT = /^(?:([efvlk]):)?([^|]*)\|([^|]*)\|([^|]*)$/;

function parseTemplate(source: string): Template {
  const parts = source
    .split(/(\{[^}]*\})/)
    .filter((piece) => piece !== "")
    .map((piece) => (piece.startsWith("{") ? parseSlot(piece.slice(1, -1), source) : { text: piece }));
  return { source, parts };
}

function parseSlot(inner: string, source: string): Part {
  const slot = SLOT.exec(inner);
  if (slot) return { slot: slot[1] as Slot, form: (slot[2] ?? "n") as Case };
  const agreement = AGREEMENT.exec(inner);
  if (!agreement) throw new Error(`unknown slot {${inner}} in template "${source}"`);
  const [, owner, m, f, n] = agreement;
  return { slot: (owner ?? "e") as Slot, agree: { m: m!, f: f!, n: n! } };
}

export function renderTemplate(template: Template, fillers: Fillers): string {
  let text = "";
  for (const part of template.parts) {
    if ("text" in part) {
      text += part.text;
      continue;
    }
    const noun = fillers[part.slot];
    if (!noun) throw new Error(`nothing fills {${part.slot}} in template "${template.source}"`);
    text += "form" in part ? noun.forms[part.form] : part.agree[noun.gender];
  }
  return text;
}

/** How many of a list's templates, counted from its end, training never sees: a quarter at most, at least one. */
export function heldOutCount(length: number): number {
  return length < 2 ? 0 : Math.max(1, Math.floor(length / 4));
}

export interface Split<T> {
  train: readonly T[];
  heldOut: readonly T[];
}

export function splitList<T>(list: readonly T[]): Split<T> {
  const border = list.length - heldOutCount(list.length);
  return { train: list.slice(0, border), heldOut: list.slice(border) };
}

export function splitTemplates(sources: readonly string[]): Split<Template> {
  return splitList(sources.map(parseTemplate));
}

/** Lists are split before they are joined, so that every part keeps its share. */
export function joinSplits<T>(...splits: readonly Split<T>[]): Split<T> {
  return { train: splits.flatMap((s) => s.train), heldOut: splits.flatMap((s) => s.heldOut) };
}
