/**
 * Segments of a prompt -> token ids. Only `control` segments may become control tokens; the spelling of one inside
 * `text` stays plain text, so that no document or question can forge a role.
 */
import { setImmediate } from "node:timers/promises";
import type { Segment } from "../../spec/message.ts";

export interface PromptTokenizer {
  tokenize(text: string, special: boolean): ArrayLike<number>;
  readonly bos: number | undefined;
  /** The model expects its first token to be `bos`. */
  readonly prependsBos: boolean;
}

// Tokenizing is synchronous, about a microsecond a character: longer texts are taken in slices, and a text that
// would not fit many times over is not tokenized to its end.
const SLICE_CHARACTERS = 50_000;
const HOPELESS = 8;

/** The beginning of a prompt to be evaluated: with the model's first token, where it expects one. */
export async function promptTokens(
  segments: readonly Segment[],
  tokenizer: PromptTokenizer,
  contextSize: number,
): Promise<number[]> {
  const ids = await segmentTokens(segments, tokenizer, contextSize);
  const { bos, prependsBos } = tokenizer;
  if (prependsBos && bos !== undefined && ids.length > 0 && ids[0] !== bos) ids.unshift(bos);
  return ids;
}

/** Gives up beyond `8 * contextSize` tokens, with those that it has. */
export async function segmentTokens(
  segments: readonly Segment[],
  tokenizer: PromptTokenizer,
  contextSize: number,
): Promise<number[]> {
  const ids: number[] = [];
  for (const { kind, text } of segments) {
    for (const slice of slices(text)) {
      if (ids.length > HOPELESS * contextSize) return ids;
      const found = tokenizer.tokenize(slice, kind === "control");
      for (let i = 0; i < found.length; i++) ids.push(found[i]!);
      if (slice.length < text.length) await setImmediate();
    }
  }
  return ids;
}

/** Cuts long texts before a space, where tokenizers do not look across. */
function* slices(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + SLICE_CHARACTERS, text.length);
    if (end < text.length) {
      const space = text.slice(start, end + 1).lastIndexOf(" ");
      if (space > 0) end = start + space;
      // Between the halves of a character there is nothing to cut.
      else if (/[\ud800-\udbff]/.test(text[end - 1]!)) end--;
    }
    yield text.slice(start, end);
    start = end;
  }
}
