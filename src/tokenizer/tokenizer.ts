/**
 * Text <-> token ids with the byte-level BPE vocabulary of a GGUF file (`gpt2` with the pre-tokenizer
 * `llama-bpe`), token for token as llama.cpp. Text never becomes a control token: only `encodeControl`, meant for
 * what a chat template wrote, reads their spellings.
 */
import { InputError } from "../errors.ts";
import {
  type MetadataSource,
  metadataNumber,
  metadataNumbers,
  metadataString,
  metadataStrings,
} from "../gguf/metadata.ts";
import { bytesOfSpelling, spellBytes } from "./byte-alphabet.ts";
import { MergeTable } from "./merge-table.ts";
import { splitWords } from "./split-words.ts";
import { CONTROL_TOKENS, TOKEN_TYPE } from "./vocabulary.ts";

/** All names under which llama.cpp runs the Llama 3 pre-tokenizer. */
const PRE_TOKENIZERS = ["llama-bpe", "llama3", "llama-v3"];
/** Words remembered with their ids; when full, the memory starts anew. About 20 MB. */
const MAX_CACHED_WORDS = 100_000;
const MAX_CACHED_WORD_LENGTH = 48;
const MAX_TOKENS = 2 ** 22;

interface SpecialToken {
  id: number;
  spelling: string;
}

export class Tokenizer {
  readonly vocabSize: number;
  readonly bosId: number;
  readonly eosId: number;
  /** Ends a turn; the same as `eosId` where the vocabulary has no token of its own for it. */
  readonly eotId: number;
  readonly padId: number;
  readonly #path: string;
  readonly #spellings: readonly string[];
  readonly #control: Uint8Array;
  /** Spellings found in any text, and those found in template parts only; longest first. */
  readonly #userDefined: SpecialToken[];
  readonly #special: SpecialToken[];
  readonly #ids = new Map<string, number>();
  readonly #byteIds: number[];
  /** Length of the longest spelling: longer words need not be looked up. */
  readonly #longest: number;
  readonly #merges: MergeTable;
  readonly #cache = new Map<string, readonly number[]>();
  readonly #bytes: (Uint8Array | undefined)[] = [];

  /** `source` is what `readGguf` returned, or any metadata with the `tokenizer.ggml.*` keys. */
  constructor(source: MetadataSource) {
    const model = metadataString(source, "tokenizer.ggml.model");
    const pre = metadataString(source, "tokenizer.ggml.pre", "default");
    if (model !== "gpt2" || !PRE_TOKENIZERS.includes(pre))
      throw new InputError(
        `${source.path}: its tokenizer is ${model.slice(0, 40)}/${pre.slice(0, 40)}, and only gpt2/llama-bpe (Llama 3) is known here: use another model`,
      );
    this.#path = source.path;
    this.#spellings = metadataStrings(source, "tokenizer.ggml.tokens");
    this.vocabSize = this.#spellings.length;
    if (this.vocabSize > MAX_TOKENS) throw this.#unusable(`${this.vocabSize} tokens are too many`);
    const types = this.#types(source);
    this.#control = Uint8Array.from(types, (type) => Number(type === TOKEN_TYPE.control));
    this.#special = this.#specialTokens(types, [
      TOKEN_TYPE.control,
      TOKEN_TYPE.unknown,
      TOKEN_TYPE.userDefined,
    ]);
    this.#userDefined = this.#specialTokens(types, [TOKEN_TYPE.userDefined]);
    for (const [id, spelling] of this.#spellings.entries())
      if (types[id] !== TOKEN_TYPE.control && !this.#ids.has(spelling)) this.#ids.set(spelling, id);
    this.#longest = this.#spellings.reduce((longest, { length }) => Math.max(longest, length), 0);
    this.#byteIds = this.#bytesOfVocabulary();
    this.#merges = this.#readMerges(metadataStrings(source, "tokenizer.ggml.merges"));
    this.bosId = this.#idUnder(source, "bos");
    this.eosId = this.#idUnder(source, "eos");
    const eot = this.#special.find(({ spelling }) => spelling === CONTROL_TOKENS.eot)?.id ?? this.eosId;
    this.eotId = this.#idUnder(source, "eot", eot);
    this.padId = this.#idUnder(source, "padding", this.eosId);
  }

  /** Special tokens off: the spelling of a control token is text like any other. Lone surrogates become U+FFFD. */
  encode(text: string): number[] {
    return this.#encode(text, this.#userDefined);
  }

  /** For what a chat template wrote: spellings of control tokens become their ids, the rest is text. */
  encodeControl(text: string): number[] {
    return this.#encode(text, this.#special);
  }

  /** Bytes that are no UTF-8 become U+FFFD. Control tokens vanish, unless `control` asks for their spelling. */
  decode(ids: Iterable<number>, options: { control?: boolean } = {}): string {
    const parts: Uint8Array[] = [];
    for (const id of ids) if (options.control || !this.isControl(id)) parts.push(this.tokenBytes(id));
    return Buffer.concat(parts).toString("utf8");
  }

  /** What the token stands for; perhaps only a part of a character. Not to be written to. */
  tokenBytes(id: number): Uint8Array {
    const known = this.#bytes[id];
    if (known) return known;
    const spelling = this.#spellings[id];
    if (spelling === undefined)
      throw new InputError(`there is no token ${id} in a vocabulary of ${this.vocabSize}`);
    const special = this.isControl(id) || this.#special.some((token) => token.id === id);
    const bytes = (special ? undefined : bytesOfSpelling(spelling)) ?? Buffer.from(spelling, "utf8");
    this.#bytes[id] = bytes;
    return bytes;
  }

  isControl(id: number): boolean {
    return this.#control[id] === 1;
  }

  #encode(text: string, specials: readonly SpecialToken[]): number[] {
    const out: number[] = [];
    const wellFormed = text.replace(/\p{Surrogate}/gu, "\uFFFD");
    for (const part of splitOut(wellFormed, specials))
      if (typeof part === "number") out.push(part);
      else splitWords(part, (word) => this.#encodeWord(word, out));
    return out;
  }

  #encodeWord(word: string, out: number[]): void {
    const cached = this.#cache.get(word);
    if (cached) {
      for (const id of cached) out.push(id);
      return;
    }
    const bytes = Buffer.from(word, "utf8");
    const ids: number[] = [];
    // llama-bpe takes a word that is in the vocabulary as it is, whatever the merges would make of it.
    const whole = bytes.length <= this.#longest ? this.#ids.get(spellBytes(bytes)) : undefined;
    if (whole !== undefined) ids.push(whole);
    else
      this.#merges.merge(
        Array.from(bytes, (byte) => this.#byteIds[byte]!),
        ids,
      );
    for (const id of ids) out.push(id);
    if (word.length > MAX_CACHED_WORD_LENGTH) return;
    if (this.#cache.size >= MAX_CACHED_WORDS) this.#cache.clear();
    // A fresh string as the key: `word` is a slice, and would keep the whole text in memory.
    this.#cache.set(bytes.toString("utf8"), ids);
  }

  #types(source: MetadataSource): ArrayLike<number> {
    const types = metadataNumbers(source, "tokenizer.ggml.token_type");
    if (!types) return new Uint8Array(this.vocabSize).fill(TOKEN_TYPE.normal);
    if (types.length !== this.vocabSize)
      throw this.#unusable(`${this.vocabSize} tokens have ${types.length} types`);
    return types;
  }

  /** Longest first, as llama.cpp looks for them. */
  #specialTokens(types: ArrayLike<number>, wanted: readonly number[]): SpecialToken[] {
    return this.#spellings
      .map((spelling, id) => ({ id, spelling }))
      .filter(({ id, spelling }) => spelling !== "" && wanted.includes(types[id]!))
      .sort((a, b) => b.spelling.length - a.spelling.length);
  }

  #bytesOfVocabulary(): number[] {
    return Array.from({ length: 256 }, (_, byte) => {
      const id = this.#ids.get(spellBytes(Uint8Array.of(byte)));
      if (id === undefined) throw this.#unusable(`there is no token for byte ${byte}`);
      return id;
    });
  }

  #readMerges(merges: readonly string[]): MergeTable {
    const table = new MergeTable(this.vocabSize);
    for (const [rank, merge] of merges.entries()) {
      // The separator is the first space after the first character: the spelling of a byte is never a space.
      const space = merge.indexOf(" ", 1);
      const left = this.#ids.get(merge.slice(0, space));
      const right = this.#ids.get(merge.slice(space + 1));
      const result = this.#ids.get(merge.slice(0, space) + merge.slice(space + 1));
      // Control tokens are not among the ids: no merge can make one out of text.
      if (left === undefined || right === undefined || result === undefined)
        throw this.#unusable(`merge ${rank} needs tokens which the vocabulary does not have`);
      table.add(left, right, result);
    }
    return table;
  }

  #idUnder(source: MetadataSource, name: "bos" | "eos" | "eot" | "padding", fallback?: number): number {
    const id = metadataNumber(source, `tokenizer.ggml.${name}_token_id`, fallback);
    if (!Number.isInteger(id) || id < 0 || id >= this.vocabSize)
      throw this.#unusable(`its ${name} token is ${id}`);
    return id;
  }

  #unusable(reason: string): InputError {
    return new InputError(
      `${this.#path}: the tokenizer is not usable: ${reason}: fetch or export the file again`,
    );
  }
}

/** The text with every special token taken out of it: strings and ids, in order. */
function splitOut(text: string, specials: readonly SpecialToken[]): (string | number)[] {
  let parts: (string | number)[] = [text];
  for (const { id, spelling } of specials) {
    if (!text.includes(spelling)) continue;
    parts = parts.flatMap((part) => {
      if (typeof part === "number") return [part];
      return part.split(spelling).flatMap((piece, i) => (i === 0 ? [piece] : [id, piece]));
    });
  }
  return parts;
}
