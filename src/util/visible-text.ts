/**
 * Content in (Markdown, HTML or plain text), what a reader sees out: HTML tags, comments and scripts gone,
 * entities decoded, block tags as blank lines; and for each visible character its place in the content.
 * Markdown marks stay: they are readable. One pass, linear on any input; a page that lies costs no more.
 */

import type { Span } from "../spec/document.ts";

export interface VisibleText {
  text: string;
  /** What of the content stands behind `text.slice(start, end)`, which is not empty. */
  behind(start: number, end: number): Span;
}

/** Tags that end a paragraph. */
const BLOCK_TAGS = new Set(
  (
    "address article aside blockquote body br caption dd details div dl dt fieldset figcaption figure footer form " +
    "h1 h2 h3 h4 h5 h6 head header hr html li main nav ol option p pre section select summary table tbody tfoot " +
    "thead title tr ul"
  ).split(" "),
);

/** Tags inside a sentence: dropped without a trace, table cells with a space. Other `<words>` are text. */
const INLINE_TAGS = new Set(
  (
    "a abbr audio b bdi bdo big button cite code col colgroup data del dfn em embed font i iframe img input ins kbd " +
    "label link mark meta nobr object param picture q rp rt ruby s samp small source span strike strong sub sup svg " +
    "td th time tt u var video wbr"
  ).split(" "),
);

/** Elements whose content nobody reads. */
const HIDDEN_TAGS = new Set(["script", "style", "template", "noscript"]);

const ENTITIES: Record<string, string> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  ndash: "–",
  mdash: "—",
  laquo: "«",
  raquo: "»",
  ldquo: "“",
  rdquo: "”",
  lsquo: "‘",
  rsquo: "’",
  hellip: "…",
  shy: "",
  deg: "°",
  copy: "©",
  euro: "€",
  minus: "−",
  times: "×",
};

/** The brackets bound a tag: a `<` never looks past the next one, so many of them stay linear. */
const TAG = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)(?=[\s/>])[^<>]*>/y;
const ENTITY = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));/y;

const LESS_THAN = 0x3c;
const AMPERSAND = 0x26;
const BACKTICK = 0x60;

export function visibleText(content: string): VisibleText {
  const scan = new Scan(content);
  while (scan.at < content.length) scan.step();
  return scan.result();
}

/** A piece of the visible text, and the content that it stands for: copied, or as a whole. */
interface Piece extends Span {
  text: string;
  /** Its place in the visible text. */
  at: number;
  copied: boolean;
}

class Scan {
  at = 0;
  readonly #content: string;
  #lower: string | undefined;
  readonly #pieces: Piece[] = [];
  /** Of the visible text so far. */
  #length = 0;
  /** Closing marks that do not occur any more: never looked for twice. */
  readonly #absent = new Set<string>();

  constructor(content: string) {
    this.#content = content;
  }

  step(): void {
    const mark = this.#content[this.at];
    const taken =
      mark === "<"
        ? this.#comment() || this.#tag()
        : mark === "&"
          ? this.#entity()
          : mark === "`" && this.#code();
    if (!taken) this.#copy(this.#nextMark(this.at + 1));
  }

  result(): VisibleText {
    const pieces = this.#pieces;
    return {
      text: pieces.length === 1 ? pieces[0]!.text : pieces.map(({ text }) => text).join(""),
      behind(start, end) {
        const [first, last] = [pieceAt(pieces, start), pieceAt(pieces, end - 1)];
        return {
          start: first.start + (first.copied ? start - first.at : 0),
          end: last.copied ? last.start + end - last.at : last.end,
        };
      },
    };
  }

  #nextMark(from: number): number {
    let at = from;
    for (; at < this.#content.length; at++) {
      const unit = this.#content.charCodeAt(at);
      if (unit === LESS_THAN || unit === AMPERSAND || unit === BACKTICK) break;
    }
    return at;
  }

  /** Copies up to `end` as it is. */
  #copy(end: number): void {
    this.#add(this.#content.slice(this.at, end), end, true);
  }

  /** Stands `text` for the content up to `end`. */
  #replace(text: string, end: number): void {
    this.#add(text, end, false);
  }

  #add(text: string, end: number, copied: boolean): void {
    if (text !== "") this.#pieces.push({ text, at: this.#length, start: this.at, end, copied });
    this.#length += text.length;
    this.at = end;
  }

  #find(needle: string, from: number): number {
    if (this.#absent.has(needle)) return -1;
    this.#lower ??= lowerCaseOf(this.#content);
    const found = this.#lower.indexOf(needle, from);
    if (found < 0) this.#absent.add(needle);
    return found;
  }

  #comment(): boolean {
    if (!this.#content.startsWith("<!--", this.at)) return false;
    const end = this.#find("-->", this.at + 4);
    if (end < 0) return false;
    this.#replace("", end + 3);
    return true;
  }

  #tag(): boolean {
    TAG.lastIndex = this.at;
    const match = TAG.exec(this.#content);
    if (!match) return this.#doctype();
    const name = match[2]!.toLowerCase();
    const end = this.at + match[0].length;
    if (HIDDEN_TAGS.has(name)) {
      const close = match[1] ? -1 : this.#find(`</${name}`, end);
      this.#replace("\n\n", close < 0 ? end : close);
    } else if (BLOCK_TAGS.has(name))
      this.#replace(/^h[1-6]$/.test(name) && !match[1] ? "\n\n# " : "\n\n", end);
    else if (INLINE_TAGS.has(name)) this.#replace(name === "td" || name === "th" ? " " : "", end);
    else return false;
    return true;
  }

  #doctype(): boolean {
    const match = /^<!doctype[^<>]{0,200}>/i.exec(this.#content.slice(this.at, this.at + 220));
    if (match) this.#replace("\n\n", this.at + match[0].length);
    return match !== null;
  }

  #entity(): boolean {
    ENTITY.lastIndex = this.at;
    const match = ENTITY.exec(this.#content);
    if (!match) return false;
    const code = match[1] ? Number(match[1]) : match[2] ? Number.parseInt(match[2], 16) : undefined;
    if (code === undefined ? !Object.hasOwn(ENTITIES, match[3]!) : code > 0x10ffff || code < 32) return false;
    const text = code === undefined ? ENTITIES[match[3]!]! : String.fromCodePoint(code);
    this.#replace(text, this.at + match[0].length);
    return true;
  }

  /** Markdown code keeps its angle brackets: an inline span ends on its line, a fence anywhere. */
  #code(): boolean {
    let run = 1;
    while (this.#content[this.at + run] === "`") run++;
    const fence = "`".repeat(run);
    const close = run < 3 ? this.#closeOnLine(fence) : this.#find(fence, this.at + run);
    this.#copy(close < 0 ? this.at + run : close + run);
    return true;
  }

  #closeOnLine(fence: string): number {
    const from = this.at + fence.length;
    const line = this.#content.slice(from, from + 500).split("\n", 1)[0]!;
    const close = line.indexOf(fence);
    return close < 0 ? -1 : from + close;
  }
}

/** Lower-casing may change the length of some letters; then only lower-case closing tags are found. */
function lowerCaseOf(content: string): string {
  const lower = content.toLowerCase();
  return lower.length === content.length ? lower : content;
}

/** The last piece that begins at `at` or before. */
function pieceAt(pieces: readonly Piece[], at: number): Piece {
  let [low, high] = [0, pieces.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (pieces[middle]!.at <= at) low = middle;
    else high = middle - 1;
  }
  return pieces[low]!;
}
