/**
 * Supervised fine-tuning (Ouyang et al. 2022): cross-entropy on assistant turns and the tokens that end them, each
 * turn by its weight. The rest of a dialogue may count a little: a model made from nothing learns to read from its
 * context.
 */
import type { MessagesRow } from "../spec/dataset.ts";
import { renderChat } from "../tokenizer/chat-template.ts";
import { encodeSegments } from "../tokenizer/encode-segments.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { auxiliaryLabels } from "./auxiliary.ts";
import type { TrainingMethod } from "./method.ts";
import type { PackedRow } from "./pack.ts";
import type { Sequence } from "./sequence.ts";

export interface SftOptions {
  tokenizer: Tokenizer;
  chatTemplate: string;
  /** Weight of a token outside assistant turns, of one inside: 1. Default 0. */
  contextWeight?: number;
  /** Label auxiliary targets. Default false. */
  auxiliary?: boolean;
}

export function sft(options: SftOptions): TrainingMethod<MessagesRow> {
  return {
    name: "sft",
    encode: (rows) => rows.map((row) => encodeDialogue(row, options)),
    loss(logprobs, rows, step) {
      // Where nothing counts, nothing is learnt: not 0 / 0.
      const total = sumOf(step, (row) => sum(row.weights)) || 1;
      const answers = sumOf(step, (row) => sum(row.isAnswer)) || 1;
      const gradient = new Float32Array(logprobs.length);
      let loss = 0;
      let answerLoss = 0;
      let at = 0;
      for (const row of rows)
        for (const [i, weight] of row.weights.entries()) {
          gradient[at] = -weight / total;
          loss -= (weight / total) * logprobs[at]!;
          if (row.isAnswer[i]) answerLoss -= logprobs[at]! / answers;
          at++;
        }
      return { loss, gradient, metrics: { answer_loss: answerLoss } };
    },
  };
}

function sum(values: Float32Array | Uint8Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

const sumOf = (rows: readonly PackedRow[], f: (row: PackedRow) => number): number =>
  rows.reduce((total, row) => total + f(row), 0);

function encodeDialogue(
  row: MessagesRow,
  { tokenizer, chatTemplate, contextWeight = 0, auxiliary = false }: SftOptions,
): Sequence {
  const segments = renderChat(chatTemplate, row.messages, {
    bosToken: tokenizer.decode([tokenizer.bosId], { control: true }),
    eosToken: tokenizer.decode([tokenizer.eosId], { control: true }),
    addGenerationPrompt: false,
  });
  const encoded = encodeSegments(tokenizer, segments);
  const { ids, messageOf } = encoded;
  const isAnswer = Uint8Array.from(messageOf, (message) =>
    message >= 0 && row.messages[message]!.role === "assistant" ? 1 : 0,
  );
  const weights = Float32Array.from(isAnswer, (answer, i) =>
    answer ? (row.messages[messageOf[i]!]!.weight ?? 1) : contextWeight,
  );
  const sequence = { ids: Int32Array.from(ids), weights, isAnswer };
  return auxiliary
    ? { ...sequence, auxiliary: auxiliaryLabels(tokenizer, row, segments, encoded) }
    : sequence;
}
