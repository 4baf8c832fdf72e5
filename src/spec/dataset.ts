/** Dataset rows as TRL names them on disk: snake_case JSON lines. */
import type { Message } from "./message.ts";

/** A dialogue for supervised fine-tuning; the loss is on its assistant turns. */
export interface MessagesRow {
  messages: Message[];
  /** Rows of one cluster share their beginning (the same documents), and are packed around it. */
  cluster?: string;
}
