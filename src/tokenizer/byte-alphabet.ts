/**
 * The printable spelling of bytes that byte-level BPE vocabularies use (GPT-2): printable Latin-1 bytes stand for
 * themselves, the other 68 for U+0100 and up, in order. So a space is spelled Ġ and a line feed Ċ.
 */

const CHARACTER_OF: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  String.fromCharCode(isPrintable(byte) ? byte : 256 + hiddenBefore(byte)),
);
const BYTE_OF: ReadonlyMap<string, number> = new Map(
  CHARACTER_OF.map((character, byte) => [character, byte]),
);

function isPrintable(byte: number): boolean {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);
}

function hiddenBefore(byte: number): number {
  let count = 0;
  for (let b = 0; b < byte; b++) if (!isPrintable(b)) count++;
  return count;
}

export function spellBytes(bytes: Uint8Array): string {
  let spelling = "";
  for (const byte of bytes) spelling += CHARACTER_OF[byte];
  return spelling;
}

/** `undefined` where a character spells no byte: such a token is not byte-level. */
export function bytesOfSpelling(spelling: string): Uint8Array | undefined {
  const bytes = new Uint8Array(spelling.length);
  for (let i = 0; i < spelling.length; i++) {
    const byte = BYTE_OF.get(spelling[i]!);
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}
