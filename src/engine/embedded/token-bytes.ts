/**
 * A vocabulary from a GGUF header -> the bytes that each token adds to the text. Control tokens add none. Bytes and
 * not text, since a character of Russian may be split over tokens.
 */
import { bytesOfSpelling } from "../../tokenizer/byte-alphabet.ts";
import { TOKEN_TYPE } from "../../tokenizer/vocabulary.ts";
import type { ModelHeader } from "./model-header.ts";

const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();

export type TokenBytes = (token: number) => Uint8Array;

export function tokenBytes(header: Pick<ModelHeader, "tokenizer" | "tokens" | "tokenTypes">): TokenBytes {
  const { tokenizer, tokens, tokenTypes } = header;
  return (token) => {
    const text = tokens[token];
    const type = tokenTypes[token];
    if (text === undefined || type === TOKEN_TYPE.control || type === TOKEN_TYPE.unknown) return NOTHING;
    if (type === TOKEN_TYPE.userDefined) return encoder.encode(text);
    if (tokenizer === "llama") return fromSentencePiece(text);
    // What is not spelled in bytes is an added token: it stands for itself.
    return bytesOfSpelling(text) ?? encoder.encode(text);
  };
}

/** SentencePiece writes a space as U+2581, and a byte that has no piece as `<0xE2>`. */
function fromSentencePiece(text: string): Uint8Array {
  const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(text);
  return byte ? Uint8Array.of(Number.parseInt(byte[1]!, 16)) : encoder.encode(text.replaceAll("\u2581", " "));
}
