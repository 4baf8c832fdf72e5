/** Dataset rows as TRL and OpenAI name them on disk: snake_case JSON lines. */
import type { Message } from "./message.ts";

/** `weight`: how much an assistant turn counts in the loss, as in OpenAI's fine-tuning format. Default 1. */
export interface TrainingMessage extends Message {
  weight?: number;
}

/**
 * What an inner layer should know at a span of the context: which document it stands in, which attribute was just
 * told. Leaves no trace in the text, nor in the trained model.
 */
export interface AuxiliaryTarget {
  /** Index of the message. */
  message: number;
  /** Characters of its content, the end excluded; every token that overlaps them is a target. */
  start: number;
  end: number;
  /** Any text; equal labels are one class. */
  label: string;
}

/** A dialogue for supervised fine-tuning; the loss is on its assistant turns. */
export interface MessagesRow {
  messages: TrainingMessage[];
  /** Rows of one cluster share their beginning (the same documents), and are packed around it. */
  cluster?: string;
  /** Read where `auxiliary_loss_weight` is above 0. Of overlapping targets the last one counts. */
  targets?: AuxiliaryTarget[];
}
