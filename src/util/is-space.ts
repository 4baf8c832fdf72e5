/** Whether the character of `text` at `at` is white space, as /\s/ has it: asked of many characters, most below 128. */
export function isSpace(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit < 128 ? unit === 32 || (unit >= 9 && unit <= 13) : /\s/.test(text[at]!);
}
