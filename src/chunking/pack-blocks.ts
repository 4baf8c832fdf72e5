/**
 * Blocks in, spans out that are no longer than a limit: neighbours of one section together up to a target, a block
 * whole wherever it fits the limit. Knows no format.
 */
import type { Span } from "../spec/document.ts";
import type { Block } from "./block.ts";
import { divideText } from "./divide-text.ts";

/** A stretch of the text, with the titles of the headings above it, outermost first. */
export interface Section extends Span {
  headings: readonly string[];
}

export interface PackOptions {
  /** Neighbours are joined up to this many UTF-16 code units. */
  target: number;
  /** No stretch is longer. */
  limit: number;
}

export function packBlocks(text: string, blocks: readonly Block[], options: PackOptions): Section[] {
  const packer = new Packer(text, options);
  packer.add(blocks);
  packer.flush();
  return packer.sections;
}

class Packer {
  readonly sections: Section[] = [];
  readonly #text: string;
  readonly #options: PackOptions;
  #above: { level: number; title: string }[] = [];
  #open: Section | undefined;
  /** What is open is headings only: more of them may follow. */
  #onlyHeadings = false;

  constructor(text: string, options: PackOptions) {
    this.#text = text;
    this.#options = options;
  }

  add(blocks: readonly Block[]): void {
    const { target, limit } = this.#options;
    for (const block of blocks) {
      const { heading } = block;
      if (block.apart || (heading && !this.#onlyHeadings)) this.flush();
      if (heading) this.#descend(heading);
      if (block.end - block.start > limit) {
        const parts = block.divide?.() ?? [];
        this.add(parts.length > 0 ? parts : divideText(this.#text, block, target));
        continue;
      }
      const joint = this.#open ? block.end - this.#open.start : 0;
      if (joint > limit || (joint > target && !this.#onlyHeadings)) this.flush();
      this.#open ??= { start: block.start, end: block.end, headings: [] };
      this.#open.end = block.end;
      this.#open.headings = this.#above.map(({ title }) => title);
      this.#onlyHeadings = heading !== undefined;
    }
  }

  flush(): void {
    if (this.#open) this.sections.push(this.#open);
    this.#open = undefined;
    this.#onlyHeadings = false;
  }

  #descend(heading: { level: number; title: string }): void {
    this.#above = [...this.#above.filter(({ level }) => level < heading.level), heading];
  }
}
