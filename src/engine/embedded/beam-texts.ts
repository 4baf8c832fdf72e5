/** Texts of a beam search: which token completes a stop string, and what of a text stands before it. */
import { TextAssembler } from "../text-assembler.ts";
import type { TokenBytes } from "./token-bytes.ts";

/** Bytes of UTF-8 for a unit of UTF-16, at most; and of half a character, at either end. */
const UNIT_BYTES = 3;

/** Whether a token completes a stop string after `tokens`, which complete none. */
export function completesStop(
  tokens: readonly number[],
  next: number,
  stop: readonly string[],
  bytesOf: TokenBytes,
): boolean {
  if (stop.length === 0) return false;
  const longest = Math.max(...stop.map(({ length }) => length));
  const before: Uint8Array[] = [];
  let missing = UNIT_BYTES * (longest + 2);
  for (let at = tokens.length - 1; at >= 0 && missing > 0; at--) {
    before.unshift(bytesOf(tokens[at]!));
    missing -= before[0]!.length;
  }
  const assembler = new TextAssembler<undefined>(stop);
  assembler.push(Buffer.concat(before), undefined);
  return assembler.push(bytesOf(next), undefined).stopped;
}

/** As it is streamed: up to a stop string, without half a character at the end; with what stands for each of the tokens. */
export function textOf<T>(
  ids: readonly number[],
  tokens: readonly T[],
  stop: readonly string[],
  bytesOf: TokenBytes,
): { text: string; tokens: T[] } {
  const assembler = new TextAssembler<T>(stop);
  const pieces = [...ids.map((id, i) => assembler.push(bytesOf(id), tokens[i]!)), assembler.finish()];
  return { text: pieces.map(({ text }) => text).join(""), tokens: pieces.flatMap((piece) => piece.tokens) };
}
