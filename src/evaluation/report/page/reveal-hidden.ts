/**
 * Characters that a reader would not see, or that would make him see something else, shown by their numbers: control
 * characters, separators of lines that few programs break, halves of surrogate pairs, and what turns the direction of
 * writing round (CVE-2021-42574). Letters of any language, joiners of emoji and line feeds stay as they are.
 */
export function revealHidden(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu,
    (character) => `[U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}]`,
  );
}
