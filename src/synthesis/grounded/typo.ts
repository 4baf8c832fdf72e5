/** One slip of the keyboard in a text: two letters swapped, one dropped, or one doubled, inside a longer word. */
import type { Random } from "./random.ts";

export function addTypo(random: Random, text: string): string {
  const words = [...text.matchAll(/\p{L}{5,}/gu)];
  if (words.length === 0) return text;
  const word = random.pick(words);
  // Not at the first letter, which people seldom miss, and not at the last, which may carry the case.
  const at = word.index + random.int(1, word[0].length - 3);
  const [before, letter, next, after] = [text.slice(0, at), text[at]!, text[at + 1]!, text.slice(at + 2)];
  const slip = random.int(0, 2);
  if (slip === 0) return before + next + letter + after;
  return slip === 1 ? before + next + after : before + letter + letter + next + after;
}
