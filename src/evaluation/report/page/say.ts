/**
 * Words of the interface. The page is written in English; its script puts the Russian words of the same key in place,
 * and what `{0}` and `{1}` stand for with them.
 */
import { Html, html } from "./html.ts";
import { revealHidden } from "./reveal-hidden.ts";
import { TEXTS, type TextKey } from "./texts.ts";

/** Words of the data, or of the interface with what they are filled with. */
export type Words = string | readonly [key: TextKey, ...values: string[]];

/** An element with the words of `key` and nothing else in it. */
export function say(key: TextKey, ...values: readonly (string | number)[]): Html {
  return sayAs("span", key, ...values);
}

export function sayAs(
  tag: "tspan" | "title" | "span",
  key: TextKey,
  ...values: readonly (string | number)[]
): Html {
  const shown = values.map((value) => revealHidden(String(value)));
  const parameters = shown.length > 0 && html` data-p="${JSON.stringify(shown)}"`;
  const words = TEXTS[key][0].replace(/\{(\d)\}/g, (_, i: string) => shown[Number(i)]!);
  const name = new Html(tag);
  return html`<${name} data-t="${key}"${parameters}>${words}</${name}>`;
}

/** The words of a name that we may know, such as a kind of failure; otherwise the name as it is. */
export function sayName(kind: "failure" | "metric", name: string): Html {
  const key = `${kind}.${name}`;
  return isTextKey(key) ? say(key) : html`<bdi>${name}</bdi>`;
}

/** The same for the script of the page. */
export function failureWords(name: string): Words {
  const key = `failure.${name}`;
  return isTextKey(key) ? [key] : name;
}

const isTextKey = (key: string): key is TextKey => Object.hasOwn(TEXTS, key);
