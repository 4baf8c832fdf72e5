/** A model that turns texts into vectors whose angles tell how near the texts are in meaning. */

export interface EmbedOptions {
  /** Some models read a question and what may answer it differently. */
  role: "query" | "passage";
  signal?: AbortSignal | undefined;
}

export interface EmbeddingModel {
  /** Tells it from others: vectors of two models cannot be compared. */
  readonly name: string;
  /** Length of its vectors. */
  readonly dimension: number;
  /** One vector of length 1 (or all zeros) per text, in order. Texts beyond the model's context are cut. */
  embed(texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]>;
  close(): Promise<void>;
}
