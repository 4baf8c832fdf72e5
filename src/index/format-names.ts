/** Names of formats that a filter takes: how a text is written, or, more narrowly, how its file's name ends. */
import type { TextFormat } from "../spec/document.ts";

const TEXT_FORMATS = ["markdown", "html", "code", "plain"] as const satisfies readonly TextFormat[];

export const FORMAT_NAMES = [...TEXT_FORMATS, "pdf", "docx", "epub", "csv", "json"] as const;

export type FormatName = (typeof FORMAT_NAMES)[number];

const isTextFormat = (name: FormatName) => TEXT_FORMATS.some((format) => format === name);

/** A document fits where its text is of one of `formats`, or its source, in lower case, ends with one of `endings`. */
export function formatsNamed(names: readonly FormatName[]): { formats: string[]; endings: string[] } {
  return {
    formats: names.filter(isTextFormat),
    endings: names.filter((name) => !isTextFormat(name)).map((name) => `.${name}`),
  };
}
