/**
 * Which byte sequences may become one token of a vocabulary that we train. The point: a made-up capitalised name
 * gives the same tokens wherever it stands (a small model copies it token by token), and numbers stay digits.
 */

/**
 * Allowed are (a) a piece of one character, (b) whole characters, of which none is a digit of any script, and none
 * an upper-case letter after something that is not a letter. Half of a character next to another one is never
 * allowed: `Ġ` + 0xD0 would bind the space to what may turn out as a capital letter of the Cyrillic alphabet.
 */
export function mayMerge(bytes: Uint8Array): boolean {
  if (isWithinOneCharacter(bytes)) return true;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return false;
  }
  return !/\p{N}/u.test(text) && !/\P{L}[\p{Lu}\p{Lt}]/u.test(text);
}

function isWithinOneCharacter(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  const isTail = (byte: number) => byte >= 0x80 && byte <= 0xbf;
  if (!bytes.subarray(1).every(isTail)) return false;
  if (isTail(first)) return bytes.length <= 3;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return bytes.length <= length;
}
