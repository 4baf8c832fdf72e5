/**
 * Markup from a template: every value in it is escaped unless it is markup itself, so what models and files say stays
 * text. Values stand in contents or in quoted attributes, never in tags, scripts or styles.
 */
import { escapeXml } from "../../../util/svg/escape-xml.ts";
import { revealHidden } from "./reveal-hidden.ts";

/** Markup that came from a template of ours. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

/** null, undefined and false are nothing. */
export type HtmlValue = Html | string | number | false | null | undefined | readonly HtmlValue[];

export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  // Added up, not joined: V8 copies nothing then, and a page may be long.
  let markup = strings[0]!;
  for (const [i, value] of values.entries()) markup += markupOf(value) + strings[i + 1]!;
  return new Html(markup);
}

function markupOf(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Html) return value.markup;
  if (typeof value === "object") return value.reduce<string>((all, one) => all + markupOf(one), "");
  return escapeXml(revealHidden(String(value)));
}
