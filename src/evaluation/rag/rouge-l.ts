/**
 * ROUGE-L (Lin 2004): how much of an answer and of its reference is one common subsequence of words. F1 of precision and
 * recall (Lin's beta is 1). `rouge_score` drops all that is not Latin; here words are of any script.
 */

export const ROUGE_TOKENIZER =
  "NFC, lower-cased, cut into runs of letters and digits of any script: /[\\p{L}\\p{N}]+/gu; no stemming, no stop words";

export function rougeWords(text: string): string[] {
  return (
    text
      .normalize("NFC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** From 0 to 1; 1 for two texts of the same words, also where both have none. */
export function rougeL(answer: string, reference: string): number {
  const [a, b] = [rougeWords(answer), rougeWords(reference)];
  if (a.length === 0 && b.length === 0) return 1;
  return (2 * commonLength(a, b)) / (a.length + b.length);
}

/** Of the longest common subsequence; time a * b, memory b. */
function commonLength(a: readonly string[], b: readonly string[]): number {
  let previous = new Uint32Array(b.length + 1);
  let row = new Uint32Array(b.length + 1);
  for (const word of a) {
    for (let j = 1; j <= b.length; j++)
      row[j] = word === b[j - 1] ? previous[j - 1]! + 1 : Math.max(previous[j]!, row[j - 1]!);
    [previous, row] = [row, previous];
  }
  return previous[b.length]!;
}
