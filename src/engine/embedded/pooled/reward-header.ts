/** A GGUF header -> what is needed to rate texts with the model: the facts of any model, checked, and its head. */
import { InputError } from "../../../errors.ts";
import { metadataNumber } from "../../../gguf/metadata.ts";
import type { GgufFile } from "../../../gguf/read-gguf.ts";
import { readTensorFloats } from "../../../gguf/read-tensor.ts";
import { type RewardHead, readRewardHead } from "../../../model/reward-head.ts";
import { type PooledHeader, RANK, readPooledHeader } from "./embedding-header.ts";

export interface RewardHeader extends PooledHeader {
  /** `last`: a language model reads the dialogue; `first`: an encoder reads a pair of texts. */
  pooling: "first" | "last";
  head: ScoringHead;
}

export interface ScoringHead extends RewardHead {
  /** Before it, in encoders: tanh(dense . state + denseBias), a row after another. */
  dense?: { weight: Float32Array; bias: Float32Array };
}

/** llama.cpp's number of this pooling; a file with our head may name no other. */
const LAST = 3;

/** Either our head (model/reward-head.ts), or that of a reranker with one output. */
export function readRewardHeader(file: GgufFile): RewardHeader {
  const header = readPooledHeader(file);
  const { architecture, embeddingLength } = header;
  const head = readRewardHead(file, embeddingLength);
  const poolingKey = `${architecture}.pooling_type`;
  const number = metadataNumber(file, poolingKey, LAST);
  if (head && number !== LAST)
    throw unusable(file, `${poolingKey} is ${number}, and its head wants ${LAST}, the last token`);
  if (head) return { ...header, pooling: "last", head };
  if (number !== RANK || !file.tensors.some(({ name }) => name === "cls.output.weight"))
    throw new InputError(`${file.path} has no reward head: use a reward model, or a reranker`);
  if (architecture !== "bert" && architecture !== "qwen3")
    throw unusable(file, `rerankers of the architecture ${architecture} are not known here`);
  const pooling = architecture === "bert" ? "first" : "last";
  return { ...header, pooling, head: readRankHead(file, embeddingLength) };
}

/**
 * The tensors that llama.cpp has for pooling `rank`. What they make of a state is computed here, like everything
 * that is pooled: llama.cpp's own result is a softmax in qwen3, 1 for any text where the head has one output.
 */
function readRankHead(file: GgufFile, width: number): ScoringHead {
  const floats = (name: string, ...shape: number[]) => {
    const found = file.tensors.find((tensor) => tensor.name === name);
    if (!found) return undefined;
    if (shape.some((length, i) => length !== (found.shape[i] ?? 1)) || found.shape.length > shape.length)
      throw unusable(file, `${name} is ${found.shape.join(" x ")} and must be ${shape.join(" x ")}`);
    const values = readTensorFloats(file, name);
    if (!values.every(Number.isFinite)) throw unusable(file, `a number of ${name} is not finite`);
    return values;
  };
  const weight = floats("cls.output.weight", width, 1)!;
  const bias = floats("cls.output.bias", 1)?.[0] ?? 0;
  const dense = floats("cls.weight", width, width);
  const denseBias = floats("cls.bias", width) ?? new Float32Array(width);
  const head = { weight: Float32Array.from(weight), bias };
  return dense ? { ...head, dense: { weight: dense, bias: denseBias } } : head;
}

function unusable(file: GgufFile, what: string): InputError {
  return new InputError(`${file.path}: not a usable reward model: ${what}: fetch or export it again`);
}
