/**
 * Lines of a paragraph in, texts, emphasis, code and links out. One pass, linear on any input: what is not closed stays
 * as it is written. HTML is text; links lead to http and https only.
 */
import { JoinedLines } from "./joined-lines.ts";
import type { Inline, Line } from "./tree.ts";

/** Emphasis and brackets inside each other. */
const MAX_OPEN = 24;

const LINK_TARGET =
  /\([ \t]*<?(https?:\/\/[^\s()<>]{1,2000}(?:\([^\s()<>]{0,200}\)[^\s()<>]{0,2000})?)>?(?:[ \t]+"[^"\n]{0,300}")?[ \t]*\)/iy;
const ADDRESS = /https?:\/\/[^\s<>()[\]"'«»`*]{1,2000}/iy;
const PUNCTUATION = /[!-/:-@[-`{-~]/;
const WORD = /[\p{L}\p{N}]/u;

interface Open {
  /** `[` or the mark of an emphasis; "" once it can no more be closed. */
  mark: string;
  size: number;
  at: number;
  children: Inline[];
}

export function parseInline(lines: readonly Line[]): Inline[] {
  return new InlineScan(lines).run();
}

class InlineScan {
  readonly #lines: JoinedLines;
  readonly #text: string;
  #at = 0;
  /** What is read and not yet put into a node. */
  #pending = 0;
  readonly #root: Inline[] = [];
  #open: Open[] = [];
  /** Lengths of runs of ` that occur no more. */
  readonly #noTicks = new Set<number>();

  constructor(lines: readonly Line[]) {
    this.#lines = new JoinedLines(lines);
    this.#text = this.#lines.text;
  }

  run(): Inline[] {
    while (this.#at < this.#text.length) this.#step(this.#text[this.#at]!);
    this.#flush();
    while (this.#open.length > 0) this.#giveUp();
    return this.#root;
  }

  #step(char: string): void {
    if (char === "\\" && PUNCTUATION.test(this.#text[this.#at + 1] ?? "")) this.#escape();
    else if (char === "`") this.#code();
    else if (char === "*" || char === "_" || char === "~") this.#emphasis(char);
    else if (char === "[") this.#push("[", 1);
    else if (char === "]") this.#link();
    else if (char === "h" || char === "H") this.#address();
    else this.#at++;
  }

  get #children(): Inline[] {
    return this.#open.at(-1)?.children ?? this.#root;
  }

  /** Up to here it is text. */
  #flush(to = this.#at): void {
    this.#add("text", this.#pending, to);
    this.#pending = this.#at;
  }

  #add(kind: "text" | "code", from: number, to: number): void {
    for (const piece of this.#lines.pieces(from, to))
      if (piece === "break") this.#children.push({ kind: "break" });
      else if (piece === "space") this.#children.push({ kind: "text", text: " ", start: -1, end: -1 });
      else this.#append({ kind, ...piece, end: piece.start + piece.text.length });
  }

  #append(node: Extract<Inline, { text: string }>): void {
    const last = this.#children.at(-1);
    if (node.kind === "text" && last?.kind === "text" && last.end === node.start) {
      last.text += node.text;
      last.end = node.end;
    } else this.#children.push(node);
  }

  #escape(): void {
    this.#flush();
    this.#at += 2;
    this.#pending++;
  }

  #code(): void {
    let run = 1;
    while (this.#text[this.#at + run] === "`") run++;
    const begin = this.#at + run;
    const close = this.#closingTicks(begin, run);
    if (close === undefined) {
      this.#at = begin;
      return;
    }
    this.#flush();
    this.#add("code", begin, close);
    this.#at = close + run;
    this.#pending = this.#at;
  }

  #closingTicks(from: number, run: number): number | undefined {
    if (this.#noTicks.has(run)) return undefined;
    for (let at = this.#text.indexOf("`", from); at >= 0; at = this.#text.indexOf("`", at)) {
      const start = at;
      while (this.#text[at] === "`") at++;
      if (at - start === run) return start;
    }
    this.#noTicks.add(run);
    return undefined;
  }

  #emphasis(char: string): void {
    let run = 1;
    while (this.#text[this.#at + run] === char) run++;
    const before = this.#text[this.#at - 1] ?? " ";
    const after = this.#text[this.#at + run] ?? " ";
    const isInWord = char === "_" && WORD.test(before) && WORD.test(after);
    if (run > 3 || isInWord || (char === "~" && run !== 2)) {
      this.#at += run;
      return;
    }
    const end = this.#at + run;
    if (!/\s/.test(before))
      for (let left = end - this.#at; left > 0; left = end - this.#at) {
        const opener = this.#open.findLast(({ mark, size }) => mark === char && size <= left);
        if (!opener) break;
        this.#close(opener);
      }
    if (this.#at < end && !/\s/.test(after)) {
      if (end - this.#at >= 2) this.#push(char, 2);
      if (this.#at < end) this.#push(char, 1);
    }
    this.#at = end;
  }

  #push(mark: string, size: number): void {
    if (this.#open.length < MAX_OPEN) {
      this.#flush();
      this.#open.push({ mark, size, at: this.#at, children: [] });
      this.#pending = this.#at + size;
    }
    this.#at += size;
  }

  /** An emphasis ends here. */
  #close(opener: Open): void {
    this.#flush();
    while (this.#open.at(-1) !== opener) this.#giveUp();
    this.#open.pop();
    const { mark, size, children } = opener;
    const kind = mark === "~" ? "strike" : size === 2 ? "strong" : "emphasis";
    if (children.length > 0) this.#children.push({ kind, children });
    this.#at += size;
    this.#pending = this.#at;
  }

  /** The innermost open mark is text after all. */
  #giveUp(): void {
    const { at, size, children } = this.#open.pop()!;
    this.#add("text", at, at + size);
    for (const child of children)
      if (child.kind === "text") this.#append(child);
      else this.#children.push(child);
  }

  #link(): void {
    const opener = this.#open.findLast(({ mark }) => mark === "[");
    LINK_TARGET.lastIndex = this.#at + 1;
    const target = opener && LINK_TARGET.exec(this.#text);
    if (!opener || !target) {
      if (opener) opener.mark = "";
      this.#at++;
      return;
    }
    this.#flush();
    while (this.#open.at(-1) !== opener) this.#giveUp();
    this.#open.pop();
    this.#children.push({ kind: "link", href: target[1]!, children: opener.children });
    // No link inside a link.
    for (const open of this.#open) if (open.mark === "[") open.mark = "";
    this.#at = LINK_TARGET.lastIndex;
    this.#pending = this.#at;
  }

  #address(): void {
    ADDRESS.lastIndex = this.#at;
    const isInside =
      this.#open.some(({ mark }) => mark === "[") || WORD.test(this.#text[this.#at - 1] ?? " ");
    const match = isInside ? null : ADDRESS.exec(this.#text);
    if (!match) {
      this.#at++;
      return;
    }
    this.#flush();
    const href = match[0].replace(/[.,;:!?…]{1,20}$/, "");
    const end = this.#at + href.length;
    this.#open.push({ mark: "", size: 0, at: this.#at, children: [] });
    this.#add("text", this.#at, end);
    const { children } = this.#open.pop()!;
    this.#children.push({ kind: "link", href, children });
    this.#at = end;
    this.#pending = end;
  }
}
