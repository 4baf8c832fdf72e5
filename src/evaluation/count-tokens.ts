/** A text -> how many tokens of cl100k_base it has: what answers of an arena are measured in. */

/**
 * The tokenizer merges a word in the square of its length: one word of a megabyte, which a model may well write, would
 * take hours. So long a run is counted in pieces; where they meet, a token may be counted twice.
 */
const LONG_RUN = /(\p{L}{1000}|\s{1000}|[^\s\p{L}\p{N}]{1000})/u;

/** Loads the vocabulary, some megabytes. What spells a special token counts as plain text. */
export async function loadTokenCounter(): Promise<(text: string) => number> {
  const { countTokens } = await import("gpt-tokenizer/encoding/cl100k_base");
  const plain = { disallowedSpecial: new Set<string>() };
  return (text) => text.split(LONG_RUN).reduce((sum, piece) => sum + countTokens(piece, plain), 0);
}
