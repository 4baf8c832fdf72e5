/** What breaks the spelling of a token inside content: invisible, and in no token that a template writes. */

/** No width, no line break, no white space that a template would trim. */
export const WORD_JOINER = "\u2060";

/** Breaks `spellings` after their first character, wherever one begins; those of one character cannot be broken. */
export function breakSpellings(text: string, spellings: readonly string[]): string {
  const breakable = spellings.filter(([first = "", ...rest]) => first !== "" && rest.length > 0);
  let broken = "";
  let at = 0;
  for (const character of text) {
    broken += character;
    if (breakable.some((spelling) => text.startsWith(spelling, at))) broken += WORD_JOINER;
    at += character.length;
  }
  return broken;
}
