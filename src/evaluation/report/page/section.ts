/** A part of the page under a heading that the contents lead to. */
import { type Html, type HtmlValue, html } from "./html.ts";
import { say } from "./say.ts";
import type { TextKey } from "./texts.ts";

export interface Section {
  /** Ours, and the only one in the page. */
  id: string;
  title: TextKey;
  content: HtmlValue;
}

export function section({ id, title, content }: Section): Html {
  return html`<section aria-labelledby="${id}"><h3 id="${id}">${say(title)}</h3>
${content}</section>
`;
}

/** A sentence below a table or a plot. */
export const note = (...content: readonly HtmlValue[]): Html => html`<p class="note">${content}</p>\n`;

/** A name out of the data: it turns the direction of no words around it. */
export const name = (text: string): Html => html`<bdi>${text}</bdi>`;

export const names = (all: readonly string[]): Html =>
  html`${all.map((one, i) => html`${i > 0 && ", "}${name(one)}`)}`;
