/**
 * Which of two alphabets a text is written in, by its words: what is said around an answer follows the question. Where there
 * are as many of both the first tells ("Как настроить Redux в React Native?", "Who is Иван Петров?"): names come later.
 */
export function isMostlyCyrillic(text: string): boolean {
  const words = text.match(/\p{Script=Cyrillic}+|\p{Script=Latin}+/gu) ?? [];
  const cyrillic = words.filter((word) => /^\p{Script=Cyrillic}/u.test(word)).length;
  if (2 * cyrillic !== words.length) return 2 * cyrillic > words.length;
  return words.length > 0 && /^\p{Script=Cyrillic}/u.test(words[0]!);
}
