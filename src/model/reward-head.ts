/**
 * The scalar head of a reward model as GGUF metadata: reward = weight . hidden + bias, where `hidden` is the state of
 * the last token after the final norm, as in Hugging Face's LlamaForSequenceClassification with one label.
 *
 * In keys of our own, since llama.cpp's `llama` has no place for such a tensor and refuses files with one that it does
 * not know; unknown keys it leaves alone. The rest of the file is a language model like others.
 */
import { InputError } from "../errors.ts";
import { f32, type GgufValue, metadataNumber } from "../gguf/metadata.ts";
import type { GgufFile } from "../gguf/read-gguf.ts";

/** f32 array, as many numbers as `<architecture>.embedding_length`. */
const WEIGHT_KEY = "vikhr.reward_head.weight";
/** f32; 0 where it is left out. */
const BIAS_KEY = "vikhr.reward_head.bias";

export interface RewardHead {
  weight: Float32Array<ArrayBuffer>;
  bias: number;
}

/** Entries to be written with the others of the file. */
export function rewardHeadMetadata({ weight, bias }: RewardHead): [string, GgufValue][] {
  return [
    [WEIGHT_KEY, { type: "array", of: "f32", value: weight }],
    [BIAS_KEY, f32(bias)],
  ];
}

/** Undefined where the file has none. */
export function readRewardHead(file: GgufFile, embeddingLength: number): RewardHead | undefined {
  const found = file.metadata.get(WEIGHT_KEY);
  if (!found) return undefined;
  const fail = (what: string) =>
    new InputError(`${file.path}: not a usable reward model: ${what}: fetch or export it again`);
  const weight = found.value;
  if (!(weight instanceof Float32Array)) throw fail(`${WEIGHT_KEY} is no list of f32`);
  if (weight.length !== embeddingLength)
    throw fail(`${WEIGHT_KEY} has ${weight.length} numbers for states of ${embeddingLength}`);
  const bias = metadataNumber(file, BIAS_KEY, 0);
  if (!(Number.isFinite(bias) && weight.every(Number.isFinite)))
    throw fail(`a number of ${WEIGHT_KEY} or ${BIAS_KEY} is not finite`);
  return { weight, bias };
}
