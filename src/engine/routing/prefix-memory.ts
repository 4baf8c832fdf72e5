/**
 * Which servers have read which beginnings of prompts, and so have them in their caches: a bounded guess, since they do
 * not say what they dropped. Beginnings are known by hashes of their pieces in a chain, as vLLM knows its blocks.
 */
import { createHash } from "node:crypto";
import type { Prompt } from "../../spec/language-model.ts";

/** A beginning of a prompt. */
export interface Prefix {
  /** Of all of it. */
  key: string;
  /** In UTF-16 units. */
  length: number;
}

/** In UTF-16 units, some 64 to 80 tokens. Messages end pieces too, so that short conversations have some. */
const PIECE = 256;

/**
 * Some 16 million characters at most, which is more than the caches of a few GPUs hold (128 KiB a token of an 8B: 60 GB
 * hold 450 thousand tokens), and some 18 MB here.
 */
const MAX_PREFIXES = 65_536;

export class PrefixMemory<T> {
  /** The least recently used first. */
  readonly #holders = new Map<string, Set<T>>();
  readonly #maxPrefixes: number;

  constructor(maxPrefixes = MAX_PREFIXES) {
    this.#maxPrefixes = maxPrefixes;
  }

  get size(): number {
    return this.#holders.size;
  }

  /**
   * Who has the longest known beginning; none where it is less than half of the prompt: what all prompts share, such as
   * a system prompt, is no reason to gather all of them in one place.
   */
  holders(prefixes: readonly Prefix[]): ReadonlySet<T> {
    const known = prefixes.findLast(({ key }) => this.#holders.has(key));
    if (!known || known.length * 2 < prefixes.at(-1)!.length) return new Set();
    return this.#holders.get(known.key)!;
  }

  remember(prefixes: readonly Prefix[], holder: T): void {
    for (const { key } of prefixes) {
      const holders = this.#holders.get(key) ?? new Set();
      this.#holders.delete(key);
      this.#holders.set(key, holders.add(holder));
    }
    for (const key of this.#holders.keys()) {
      if (this.#holders.size <= this.#maxPrefixes) break;
      this.#holders.delete(key);
    }
  }
}

/** All beginnings of the prompt that are looked at, shortest first. */
export function prefixesOf(prompt: Prompt): Prefix[] {
  const start = { key: "", length: 0 };
  return "messages" in prompt
    ? longer(
        start,
        prompt.messages.map(({ role, content }) => messagePart(role, content)),
      )
    : longer(
        start,
        prompt.segments.map(({ text }) => text),
      );
}

/** Those of the prompt with the answer to it that end within the answer: a server has read what it wrote. */
export function answerPrefixes(prompt: Prompt, prefixes: readonly Prefix[], answer: string): Prefix[] {
  const last = prefixes.at(-1);
  if (!last) return [];
  return longer(last, ["messages" in prompt ? messagePart("assistant", answer) : answer]);
}

const messagePart = (role: string, content: string) => `${role}\n${content}`;

function longer(start: Prefix, parts: readonly string[]): Prefix[] {
  const prefixes: Prefix[] = [];
  let { key, length } = start;
  for (const part of parts)
    for (let at = 0; at < part.length; at += PIECE) {
      const piece = part.slice(at, at + PIECE);
      key = createHash("sha256").update(key).update(piece).digest("base64");
      length += piece.length;
      prefixes.push({ key, length });
    }
  return prefixes;
}
