/** Data for the script of the page: no text in it can end the element or open a comment in it. */
import { Html } from "./html.ts";
import { revealHidden } from "./reveal-hidden.ts";

/** `id` is ours. Texts are shown as `revealHidden` shows them. */
export function embedJson(id: string, value: unknown): Html {
  const json = JSON.stringify(value, (_, item: unknown) =>
    typeof item === "string" ? revealHidden(item) : item,
  );
  // The only mark by which the parser of HTML knows an end or a comment there.
  const escaped = json.replaceAll("<", "\\u003c");
  return new Html(`<script type="application/json" id="${id}">${escaped}</script>`);
}
