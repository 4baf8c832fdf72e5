/** What opens an embedding model in, one that is opened when there is first something to embed out. */
import type { EmbeddingModel, EmbedOptions } from "../../spec/embedding-model.ts";

export class LazyEmbedding implements EmbeddingModel {
  readonly name: string;
  readonly dimension: number;
  readonly #openModel: () => Promise<EmbeddingModel>;
  #opened: Promise<EmbeddingModel> | undefined;

  constructor(
    { name, dimension }: Pick<EmbeddingModel, "name" | "dimension">,
    open: () => Promise<EmbeddingModel>,
  ) {
    this.name = name;
    this.dimension = dimension;
    this.#openModel = open;
  }

  /** What failed is tried again the next time: a server may be back. */
  open(): Promise<EmbeddingModel> {
    this.#opened ??= this.#openModel().catch((error) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async embed(texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]> {
    if (texts.length === 0) return [];
    return (await this.open()).embed(texts, options);
  }

  async close(): Promise<void> {
    await (await this.#opened?.catch(() => undefined))?.close();
  }
}
