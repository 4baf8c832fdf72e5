/**
 * Content in (Markdown, HTML or plain text), what a reader sees out: HTML tags, comments and scripts gone,
 * entities decoded, block tags as blank lines; each visible character remembers its place in the content.
 * Markdown marks stay: they are readable. One pass, linear on any input; a page that lies costs no more.
 */

export interface VisibleText {
  text: string;
  /** For each code unit of `text`: the span of the content that it stands for. */
  starts: Uint32Array;
  ends: Uint32Array;
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

class Scan {
  at = 0;
  readonly #content: string;
  #lower: string | undefined;
  readonly #pieces: string[] = [];
  /** Of each code unit of the pieces; nothing that stands for something is longer than that. */
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  #length = 0;
  /** Closing marks that do not occur any more: never looked for twice. */
  readonly #absent = new Set<string>();

  constructor(content: string) {
    this.#content = content;
    this.#starts = new Uint32Array(content.length);
    this.#ends = new Uint32Array(content.length);
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
    return {
      text: this.#pieces.length === 1 ? this.#pieces[0]! : this.#pieces.join(""),
      starts: this.#starts.subarray(0, this.#length),
      ends: this.#ends.subarray(0, this.#length),
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
    this.#pieces.push(this.#content.slice(this.at, end));
    for (; this.at < end; this.at++) this.#place(this.at, this.at + 1);
  }

  /** Stands `text` for the content up to `end`. */
  #replace(text: string, end: number): void {
    this.#pieces.push(text);
    for (let i = 0; i < text.length; i++) this.#place(this.at, end);
    this.at = end;
  }

  #place(start: number, end: number): void {
    this.#starts[this.#length] = start;
    this.#ends[this.#length++] = end;
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
