/**
 * Texts -> a byte-level BPE vocabulary (Sennrich et al., 2016), by joining the most frequent pair of neighbours
 * again and again. Differs from the usual in that merge-rules.ts may forbid a pair. Deterministic.
 */
import { InputError } from "../errors.ts";
import { Heap } from "./heap.ts";
import { mayMerge } from "./merge-rules.ts";
import { splitWords } from "./split-words.ts";
import { CONTROL_TOKENS, type Vocabulary } from "./vocabulary.ts";

export interface TrainBpeOptions {
  /** Tokens in all: 256 bytes, merges, control tokens. It ends up smaller where the texts give no more merges. */
  vocabSize: number;
  /** Spellings of the control tokens, which come last. Default: Llama 3's six that a chat needs. */
  controlTokens?: readonly string[];
  /** A pair that is rarer than this never becomes a token. Default 2. */
  minFrequency?: number;
}

/** Longer pieces (encoded images, runs of dashes) teach nothing, and cost time quadratic in their length. */
const MAX_WORD_LENGTH = 256;
const SHIFT = 2 ** 24;

interface Word {
  ids: number[];
  count: number;
}

interface Pair {
  left: number;
  right: number;
  /** When it was queued; compared with `counts` to see whether that still holds. */
  count: number;
}

export function trainBpe(texts: Iterable<string>, options: TrainBpeOptions): Vocabulary {
  const { vocabSize, minFrequency = 2 } = options;
  const controlTokens = options.controlTokens ?? Object.values(CONTROL_TOKENS);
  const wanted = vocabSize - 256 - controlTokens.length;
  if (!Number.isInteger(wanted) || wanted < 0 || vocabSize > 1_000_000)
    throw new InputError(
      `a vocabulary of ${vocabSize} is not possible: 256 bytes and ${controlTokens.length} control tokens are needed, and 1,000,000 are the most`,
    );
  return { merges: new Trainer(countWords(texts)).train(wanted, minFrequency), controlTokens };
}

function countWords(texts: Iterable<string>): Word[] {
  const counts = new Map<string, number>();
  for (const text of texts)
    splitWords(text.replace(/\p{Surrogate}/gu, "\uFFFD"), (word) => {
      const known = counts.get(word);
      if (known !== undefined) counts.set(word, known + 1);
      // A copy: a slice as the key would keep its text in memory.
      else if (word.length <= MAX_WORD_LENGTH) counts.set(Buffer.from(word, "utf8").toString("utf8"), 1);
    });
  return Array.from(counts, ([word, count]) => ({ ids: [...Buffer.from(word, "utf8")], count }));
}

class Trainer {
  readonly #words: Word[];
  readonly #counts = new Map<number, number>();
  /** Pair -> words that have it, or had it once. */
  readonly #places = new Map<number, Set<number>>();
  readonly #bytes: Uint8Array[] = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  /** Ties go to the older tokens, so that the order of the texts does not matter. */
  readonly #queue = new Heap<Pair>(
    (a, b) => a.count > b.count || (a.count === b.count && (a.left - b.left || a.right - b.right) < 0),
  );

  constructor(words: Word[]) {
    this.#words = words;
    const changes = new Map<number, number>();
    for (const place of words.keys()) this.#count(place, 1, changes);
    this.#apply(changes);
  }

  train(wanted: number, minFrequency: number): [number, number][] {
    const merges: [number, number][] = [];
    const known = new Set<string>();
    while (merges.length < wanted) {
      const best = this.#queue.pop();
      if (!best || best.count < minFrequency) break;
      const { left, right, count } = best;
      if (this.#counts.get(left * SHIFT + right) !== count) continue; // Queued again with its new count.
      const bytes = Buffer.concat([this.#bytes[left]!, this.#bytes[right]!]);
      // Two ways to one spelling would be two ids for it.
      const spelling = bytes.toString("latin1");
      if (known.has(spelling) || !mayMerge(bytes)) continue;
      known.add(spelling);
      this.#merge(left, right, this.#bytes.length);
      this.#bytes.push(bytes);
      merges.push([left, right]);
    }
    return merges;
  }

  #merge(left: number, right: number, result: number): void {
    const key = left * SHIFT + right;
    const changes = new Map<number, number>();
    for (const place of this.#places.get(key) ?? []) {
      const word = this.#words[place]!;
      this.#count(place, -1, changes);
      word.ids = joined(word.ids, left, right, result);
      this.#count(place, 1, changes);
    }
    this.#apply(changes);
  }

  /** Notes the pairs of a word as more frequent, or with -1 as less. */
  #count(place: number, sign: 1 | -1, changes: Map<number, number>): void {
    const { ids, count } = this.#words[place]!;
    for (let i = 0; i + 1 < ids.length; i++) {
      const key = ids[i]! * SHIFT + ids[i + 1]!;
      changes.set(key, (changes.get(key) ?? 0) + sign * count);
      if (sign < 0) continue;
      const places = this.#places.get(key);
      if (places) places.add(place);
      else this.#places.set(key, new Set([place]));
    }
  }

  /** Only what really changed is queued again: most pairs of a word survive a merge next to them. */
  #apply(changes: ReadonlyMap<number, number>): void {
    for (const [key, change] of changes) {
      if (change === 0) continue;
      const count = (this.#counts.get(key) ?? 0) + change;
      const right = key % SHIFT;
      if (count > 0) {
        this.#counts.set(key, count);
        this.#queue.push({ left: (key - right) / SHIFT, right, count });
      } else {
        this.#counts.delete(key);
        this.#places.delete(key);
      }
    }
  }
}

function joined(ids: readonly number[], left: number, right: number, result: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < ids.length; i++)
    if (ids[i] === left && ids[i + 1] === right) {
      out.push(result);
      i++;
    } else out.push(ids[i]!);
  return out;
}
