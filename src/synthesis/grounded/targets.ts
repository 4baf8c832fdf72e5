/**
 * Auxiliary targets of a dialogue (spec/dataset.ts): of which document every token is, which document a name in the
 * question leads to, which attribute a statement or a question is about, which document a sentence of the answer
 * restates. While texts are put together the labels travel in them, between two characters for private use, which no
 * text here has; they are taken out at the end.
 */
import type { AuxiliaryTarget } from "../../spec/dataset.ts";

const [OPEN, CLOSE] = ["\uE000", "\uE001"];
const MARK = new RegExp(`${OPEN}([^${CLOSE}]*)${CLOSE}`, "u");

/** The label of a name that no document knows. */
export const ABSENT = "!";

/** Makes what is before it a target: the one character, or in an answer all since the last mark. */
export const targetMark = (label: string): string => `${OPEN}${label}${CLOSE}`;

/** The text without marks, and what they say. */
export function takeTargets(
  message: number,
  marked: string,
  reach: "character" | "sentence",
): { text: string; targets: AuxiliaryTarget[] } {
  const targets: AuxiliaryTarget[] = [];
  let text = "";
  let last = 0;
  for (const [i, piece] of marked.split(MARK).entries())
    if (i % 2 === 0) text += piece;
    else {
      const start = reach === "character" ? text.length - 1 : last;
      targets.push({ message, start, end: text.length, label: piece });
      last = text.length;
    }
  return { text, targets };
}

/** Every document of the shown list, from behind its id, is a target with the id as its label. */
export function documentTargets(message: number, shown: string): AuxiliaryTarget[] {
  const ids = [...shown.matchAll(/"doc_id": (\d+)/g)];
  return ids.map((match, i) => ({
    message,
    start: match.index + match[0].length,
    end: ids[i + 1]?.index ?? shown.length,
    label: match[1]!,
  }));
}
