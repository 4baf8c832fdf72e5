/** The models that training is measured on. */
import type { LlamaConfig } from "../../src/model/llama-config.ts";

export interface BenchShape {
  name: string;
  config: LlamaConfig;
  /** Tokens in a row, and rows in a step. */
  length: number;
  rows: number;
}

function shape(name: string, width: number, layers: number, heads: number, feedForward: number): BenchShape {
  return {
    name,
    length: 256,
    rows: 4,
    config: {
      vocabularySize: 2048,
      width,
      layers,
      heads,
      kvHeads: heads,
      headSize: width / heads,
      feedForward,
      ropeBase: 10_000,
      rmsEpsilon: 1e-5,
      contextLength: 256,
      tied: true,
    },
  };
}

export const SHAPES: BenchShape[] = [
  shape("1M", 128, 4, 4, 384),
  shape("8M", 256, 8, 4, 768),
  shape("30M", 512, 8, 8, 1536),
];
