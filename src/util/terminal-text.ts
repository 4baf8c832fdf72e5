/**
 * Text from anywhere -> text that a terminal can only show. Threat: documents, titles and models may hold escape
 * sequences that move the cursor, rewrite what was printed, set the clipboard, or reorder a line.
 */

/** Without tab and line feed. U+0080-U+009F are escape sequences of one character to some terminals. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Embeddings, overrides and isolates of the bidirectional algorithm (Boucher and Anderson 2021). */
const BIDI = /[\u202a-\u202e\u2066-\u2069]/g;

/** Control characters become visible ones; line breaks and tabs stay. Works on a stream's pieces one by one. */
export function terminalText(text: string): string {
  return text.replaceAll("\r", "").replace(CONTROL, picture).replace(BIDI, "\ufffd");
}

/** The same on one line, at most `maxLength` characters, with an ellipsis where it is cut. */
export function terminalLine(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  const line = terminalText(text.replace(/[\s\u2028\u2029]+/g, " ")).trim();
  if (line.length <= maxLength) return line;
  return `${line.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** JSON on one line whose strings hold such characters escaped: the same value to a parser. */
export function terminalJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Unicode has a picture for each control character of ASCII. */
function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\ufffd";
}
