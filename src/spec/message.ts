/** Chat messages and prompts: what a conversation is before any model has seen it. */

/** One turn. `role` is any name the chat template can render: system, user, assistant, documents, ... */
export interface Message {
  role: string;
  content: string;
}

/**
 * A rendered prompt. `control` comes from the chat template and may hold the spelling of control tokens;
 * `text` comes from people, documents or models, and is always tokenized with special tokens off.
 */
export interface Segment {
  kind: "control" | "text";
  text: string;
  /** For `text`: the index of the message it belongs to. */
  message?: number;
}
