/**
 * The normalization table of a Unigram tokenizer (`precompiled_charsmap`), checked: llama.cpp walks it for each
 * letter of a text, and ends the process on a step that leaves it. All steps that any text could take are taken here.
 */
import type { InputError } from "../../errors.ts";
import { type MetadataSource, metadataNumbers } from "../../gguf/metadata.ts";

/**
 * SentencePiece compiles it: the length of a double array in bytes, its 32-bit units, then replacements that end
 * with zero. A child lies at its parent's base XOR the letter; a leaf's value lies at the leaf's own base.
 */
export function checkCharsmap(source: MetadataSource, fail: (what: string) => InputError): void {
  const numbers = metadataNumbers(source, "tokenizer.ggml.precompiled_charsmap");
  if (numbers === undefined) return;
  const damaged = () => fail("the normalization table of its tokenizer (precompiled_charsmap) is damaged");
  // Signed or not, they are bytes.
  const bytes = Buffer.from(Uint8Array.from(numbers));
  const arrayBytes = bytes.length < 4 ? bytes.length : bytes.readUInt32LE(0);
  if (4 + arrayBytes >= bytes.length) throw damaged();
  const units = Uint32Array.from({ length: arrayBytes >>> 2 }, (_, i) => bytes.readUInt32LE(4 + 4 * i));
  const replacements = bytes.subarray(4 + arrayBytes);
  if (units.length > 0 && !isClosed(units, replacements.lastIndexOf(0))) throw damaged();
}

/** `lastEnd`: place of the last zero among the replacements; one that begins later would not end. */
function isClosed(units: Uint32Array, lastEnd: number): boolean {
  const bases = [baseOf(units[0]!)];
  const seen = new Set(bases);
  for (let base = bases.pop(); base !== undefined; base = bases.pop()) {
    for (let letter = 1; letter < 256; letter++) {
      const place = (base ^ letter) >>> 0;
      if (place >= units.length) return false;
      const unit = units[place]!;
      if ((unit & 0x8000_00ff) !== letter) continue;
      const next = (place ^ baseOf(unit)) >>> 0;
      const isLeaf = (unit & 0x100) !== 0;
      if (isLeaf && (next >= units.length || (units[next]! & 0x7fff_ffff) > lastEnd)) return false;
      if (!seen.has(next)) bases.push(next);
      seen.add(next);
    }
  }
  return true;
}

function baseOf(unit: number): number {
  return ((unit >>> 10) << ((unit & 0x200) >>> 6)) >>> 0;
}
