/**
 * Many things to read, such as verdicts: what the script of the page needs to filter, search, page and open them. The
 * index is read at once; texts lie in blocks that are read when one of theirs is opened, and all of them for a search.
 * What many items share, such as a question, is written once.
 */
import { embedJson } from "./embed-json.ts";
import { type Html, html } from "./html.ts";
import { say, type Words } from "./say.ts";
import { shorten } from "./shorten.ts";
import type { TextKey } from "./texts.ts";

export interface Facet<Item> {
  label: TextKey;
  /** The options that an item falls under. */
  of(item: Item): readonly Words[];
}

export interface ItemPart {
  label: Words;
  text: string;
  /** Beside its neighbour where there is room. */
  isHalf?: boolean;
  /** Many items have this text. */
  isShared?: boolean;
}

export interface ItemBrowser<Item> {
  id: string;
  items: readonly Item[];
  facets: readonly Facet<Item>[];
  title(item: Item): string;
  /** What else is seen of an item that is closed. */
  tags(item: Item): readonly Words[];
  parts(item: Item): readonly ItemPart[];
}

const ITEMS_IN_BLOCK = 100;
const TITLE_LENGTH = 160;

export function itemBrowser<Item>({ id, items, facets, title, tags, parts }: ItemBrowser<Item>): Html {
  const [titles, words, shared] = [new Rows<string>(), new Rows<Words>(), new Rows<string>()];
  const blocks: Html[] = [];
  for (let start = 0; start < items.length; start += ITEMS_IN_BLOCK) {
    const block = items
      .slice(start, start + ITEMS_IN_BLOCK)
      .map((item) =>
        parts(item).map(({ label, text, isHalf, isShared }) => [
          words.place(label),
          isHalf ? 1 : 0,
          isShared ? shared.place(text) : text,
        ]),
      );
    blocks.push(embedJson(`${id}-block-${blocks.length}`, block));
  }
  const index = {
    itemsInBlock: ITEMS_IN_BLOCK,
    facets: facets.map(({ label }) => label),
    items: items.map((item) => ({
      title: titles.place(shorten(title(item).replace(/\s+/g, " "), TITLE_LENGTH)),
      tags: tags(item).map((tag) => words.place(tag)),
      facets: facets.map(({ of }) => of(item).map((option) => words.place(option))),
    })),
    titles: titles.rows,
    words: words.rows,
  };
  return html`<div class="browser" data-browser="${id}"><noscript><p class="note">${say("browser.needs-script")}</p></noscript></div>
${embedJson(`${id}-index`, index)}
${embedJson(`${id}-shared`, shared.rows)}
${blocks.map((block) => html`${block}\n`)}`;
}

/** Values, each once, and their places. */
class Rows<Value> {
  readonly rows: Value[] = [];
  readonly #places = new Map<string, number>();

  place(value: Value): number {
    const key = JSON.stringify(value);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.#places.set(key, this.rows.length);
    return this.rows.push(value) - 1;
  }
}
