/**
 * Auxiliary targets: what the middle layer is trained to know at tokens of the context. A small model from nothing
 * that sees only its answers' loss finds the way from a question to a document late or never; told at each token
 * which document this is, it finds it within minutes (docs/log.md). Only the weights keep a trace.
 */
import { createHash } from "node:crypto";
import type { MessagesRow } from "../spec/dataset.ts";
import type { Segment } from "../spec/message.ts";
import type { EncodedSegments } from "../tokenizer/encode-segments.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { MethodLoss } from "./method.ts";
import type { PackedRow } from "./pack.ts";
import type { AuxiliaryLabels } from "./sequence.ts";

/** Every target weighs 1, spread evenly over its tokens; a target whose characters the template trimmed is none. */
export function auxiliaryLabels(
  tokenizer: Tokenizer,
  { messages, targets = [] }: MessagesRow,
  segments: readonly Segment[],
  { ids, messageOf }: EncodedSegments,
): AuxiliaryLabels {
  const labels = new Int32Array(ids.length);
  const weights = new Float32Array(ids.length);
  for (const [message, { content }] of messages.entries()) {
    const own = targets.filter((target) => target.message === message);
    const segment = segments.find((one) => one.kind === "text" && one.message === message);
    if (own.length === 0 || !segment) continue;
    const trimmed = content.indexOf(segment.text);
    const byteAt = (character: number) =>
      Buffer.byteLength(segment.text.slice(0, Math.max(0, character - trimmed)), "utf8");
    const tokens = tokenSpans(tokenizer, ids, messageOf, message);
    for (const { start, end, label } of own) {
      const [from, to] = [byteAt(start), byteAt(end)];
      const inside = tokens.filter((token) => token.end > from && token.start < to);
      for (const { index } of inside) {
        labels[index] = classToken(tokenizer, label);
        weights[index] = 1 / inside.length;
      }
    }
  }
  return { labels, weights };
}

/** The tokens of a message's content, with their bytes in it. */
function tokenSpans(
  tokenizer: Tokenizer,
  ids: readonly number[],
  messageOf: Int32Array,
  message: number,
): { index: number; start: number; end: number }[] {
  const spans: { index: number; start: number; end: number }[] = [];
  let end = 0;
  for (const [index, id] of ids.entries()) {
    // The token that ends the turn belongs to the message, not to its content.
    if (messageOf[index] !== message || tokenizer.isControl(id)) continue;
    const start = end;
    end += tokenizer.tokenBytes(id).length;
    spans.push({ index, start, end });
  }
  return spans;
}

/**
 * The class of a label, among the model's own tokens: that of its spelling where one token spells it, so that a digit
 * is itself; else any, drawn by hash. Two labels seldom meet in one, and more seldom in one dialogue.
 */
function classToken(tokenizer: Tokenizer, label: string): number {
  const spelling = tokenizer.encode(label);
  if (spelling.length === 1) return spelling[0]!;
  let id = createHash("sha256").update(label).digest().readUInt32LE() % tokenizer.vocabSize;
  while (tokenizer.isControl(id)) id = (id + 1) % tokenizer.vocabSize;
  return id;
}

/** Mean of -log p over the targets of the step, times `weight`. */
export function auxiliaryLoss(
  logprobs: Float32Array,
  rows: readonly PackedRow[],
  step: readonly PackedRow[],
  weight: number,
): MethodLoss {
  let total = 0;
  for (const row of step) for (const w of row.auxiliary.weights) total += w;
  const gradient = new Float32Array(logprobs.length);
  let loss = 0;
  let at = 0;
  for (const row of rows)
    for (const w of row.auxiliary.weights) {
      const share = w / (total || 1);
      gradient[at] = -weight * share;
      loss -= share * logprobs[at]!;
      at++;
    }
  return { loss: weight * loss, gradient, metrics: { auxiliary_loss: loss } };
}
