/**
 * Bytes of generated tokens -> text fit for a stream: holds back what may still become part of a character or of a
 * stop string, and ends before the first stop string. Knows neither ids nor models; `T` is whatever a token is.
 */

const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

export interface Assembled<T> {
  text: string;
  /** Tokens whose text is out with this piece; one that was cut by a stop string counts, one beyond it does not. */
  tokens: T[];
  /** A stop string was found: nothing more will come. */
  stopped: boolean;
}

export class TextAssembler<T> {
  readonly #stop: readonly string[];
  /** Bytes that may be the beginning of a character. */
  #unfinished: Uint8Array = new Uint8Array(0);
  /** Decoded, not yet out. */
  #held = "";
  /** Tokens not yet out, with the place in `#held` where their text ends. */
  #tokens: { token: T; end: number }[] = [];

  constructor(stop: readonly string[] = []) {
    this.#stop = stop;
  }

  push(bytes: Uint8Array, token: T): Assembled<T> {
    this.#decode(bytes);
    // A token that leaves a character unfinished waits for the one that completes it.
    this.#tokens.push({ token, end: this.#held.length + (this.#unfinished.length > 0 ? 1 : 0) });
    const cut = this.#firstStop();
    if (cut !== undefined) {
      const tokens = this.#tokens.filter((_, i) => i === 0 || this.#tokens[i - 1]!.end < cut);
      const text = this.#held.slice(0, cut);
      this.#held = "";
      this.#tokens = [];
      this.#unfinished = new Uint8Array(0);
      return { text, tokens: cut === 0 ? [] : tokens.map((t) => t.token), stopped: true };
    }
    return { ...this.#release(this.#held.length - this.#possibleStop()), stopped: false };
  }

  /** The rest, at the end of a generation; half a character is dropped. */
  finish(): Assembled<T> {
    this.#unfinished = new Uint8Array(0);
    for (const token of this.#tokens) token.end = Math.min(token.end, this.#held.length);
    return { ...this.#release(this.#held.length), stopped: false };
  }

  #decode(bytes: Uint8Array): void {
    const all = this.#unfinished.length === 0 ? bytes : Buffer.concat([this.#unfinished, bytes]);
    const whole = all.length - unfinishedLength(all);
    // Bytes that can never become a character turn into U+FFFD.
    this.#held += UTF8.decode(all.subarray(0, whole));
    this.#unfinished = Uint8Array.from(all.subarray(whole));
  }

  #release(length: number): { text: string; tokens: T[] } {
    const text = this.#held.slice(0, length);
    const waiting = this.#tokens.findIndex((t) => t.end > length);
    const tokens = this.#tokens.splice(0, waiting < 0 ? this.#tokens.length : waiting);
    this.#held = this.#held.slice(length);
    for (const t of this.#tokens) t.end -= length;
    return { text, tokens: tokens.map((t) => t.token) };
  }

  /** Where the stop string begins that is complete first, whatever pieces the text came in. */
  #firstStop(): number | undefined {
    let best: { start: number; end: number } | undefined;
    for (const stop of this.#stop) {
      const start = this.#held.indexOf(stop);
      const end = start + stop.length;
      if (start >= 0 && (!best || end < best.end || (end === best.end && start < best.start)))
        best = { start, end };
    }
    return best?.start;
  }

  /** How many characters at the end could be the beginning of a stop string. */
  #possibleStop(): number {
    let longest = 0;
    for (const stop of this.#stop)
      for (let n = Math.min(stop.length - 1, this.#held.length); n > longest; n--)
        if (this.#held.endsWith(stop.slice(0, n))) longest = n;
    return longest;
  }
}

/** How many bytes at the end begin a UTF-8 character and do not complete it. */
function unfinishedLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue; // a continuation: look further back
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return byte < 0xf8 && needed > back ? back : 0;
  }
  return 0;
}
