/** One line on a terminal that is written over and over; nothing at all where the stream is no terminal. */
import { terminalLine } from "./terminal-text.ts";

export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export interface ProgressLine {
  show(text: string): void;
  /** Leaves an empty line behind for what is printed next. */
  clear(): void;
}

/** People read no faster, and terminals over a network draw no faster. */
const MILLISECONDS_BETWEEN = 80;

export function progressLine(stream: ProgressStream = process.stderr): ProgressLine {
  let shown = false;
  let last = Number.NEGATIVE_INFINITY;
  return {
    show(text) {
      const now = performance.now();
      if (!stream.isTTY || now - last < MILLISECONDS_BETWEEN) return;
      last = now;
      shown = true;
      stream.write(`\r\u001b[2K${terminalLine(text, (stream.columns || 80) - 1)}`);
    },
    clear() {
      if (shown) stream.write("\r\u001b[2K");
      shown = false;
      last = Number.NEGATIVE_INFINITY;
    },
  };
}
