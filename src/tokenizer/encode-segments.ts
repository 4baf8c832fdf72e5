/** A rendered prompt -> token ids, and which message each token belongs to, so that training can mask its loss. */
import type { Segment } from "../spec/message.ts";
import type { Tokenizer } from "./tokenizer.ts";

export interface EncodedSegments {
  ids: number[];
  /**
   * For each token the index of the message whose content it is, or whose turn it ends (the end-of-turn token
   * right after the content); -1 for all else that the template wrote.
   */
  messageOf: Int32Array;
}

/** Only `control` segments can give control tokens, whatever the texts spell. */
export function encodeSegments(tokenizer: Tokenizer, segments: readonly Segment[]): EncodedSegments {
  const ids: number[] = [];
  const messageOf: number[] = [];
  let message = -1;
  for (const { kind, text, message: index } of segments) {
    const part = kind === "control" ? tokenizer.encodeControl(text) : tokenizer.encode(text);
    const endsTurn = kind === "control" && (part[0] === tokenizer.eotId || part[0] === tokenizer.eosId);
    for (const [i, id] of part.entries()) {
      ids.push(id);
      messageOf.push(kind === "text" ? (index ?? -1) : endsTurn && i === 0 ? message : -1);
    }
    message = kind === "text" ? (index ?? -1) : -1;
  }
  return { ids, messageOf: Int32Array.from(messageOf) };
}
