/** Lines of a paragraph as one text, without the spaces around them; and where each piece of it stands in the source. */
import type { Line } from "./tree.ts";

export interface JoinedPiece {
  text: string;
  /** In the source. */
  start: number;
}

interface Start {
  joined: number;
  source: number;
  /** The line ends with two spaces. */
  isBroken: boolean;
}

export class JoinedLines {
  readonly text: string;
  readonly #starts: Start[] = [];

  constructor(lines: readonly Line[]) {
    let joined = 0;
    const texts = lines.map(({ text, start }) => {
      const trimmed = text.trim();
      const source = start + text.length - text.trimStart().length;
      this.#starts.push({ joined, source, isBroken: / {2}$/.test(text) });
      joined += trimmed.length + 1;
      return trimmed;
    });
    this.text = texts.join("\n");
  }

  /** What stands from `from` to `to`, cut at line ends: between two pieces of text comes a space, or a break. */
  *pieces(from: number, to: number): Generator<JoinedPiece | "space" | "break"> {
    let at = from;
    for (let line = this.#lineAt(from); at < to; line++) {
      const { joined, source, isBroken } = this.#starts[line]!;
      const next = this.#starts[line + 1];
      const end = next === undefined ? to : Math.min(to, next.joined - 1);
      if (end > at) yield { text: this.text.slice(at, end), start: source + at - joined };
      if (end === to) return;
      yield isBroken ? "break" : "space";
      at = end + 1;
    }
  }

  #lineAt(place: number): number {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#starts[middle]!.joined <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
