/**
 * Header values on which llama.cpp ends the whole process instead of failing: experts, epsilons, RoPE scaling, types of
 * vectors, and vocabularies with holes. Complete for the architecture `llama` as far as damaged files could show; a
 * floor for others. What llama.cpp refuses by itself is left to it.
 */
import type { InputError } from "../../errors.ts";
import { metadataNumber, metadataNumbers, metadataString } from "../../gguf/metadata.ts";
import type { GgufFile } from "../../gguf/read-gguf.ts";
import { spellBytes } from "../../tokenizer/byte-alphabet.ts";

type Fail = (what: string) => InputError;

const MAX_EXPERTS = 512;
/** 0 is what llama.cpp itself writes for "none". */
const NEVER_NEGATIVE = /epsilon$|\.rope\.(freq_base|scale_linear|scaling\.factor)$/;
const ROPE_SCALINGS = ["none", "linear", "yarn", "longrope"];

export function checkNativeLimits(
  file: GgufFile,
  architecture: string,
  blockCount: number,
  fail: Fail,
): void {
  const of = (key: string) => `${architecture}.${key}`;
  for (const [key, entry] of file.metadata) {
    if (!key.startsWith(`${architecture}.`) || (entry.type !== "f32" && entry.type !== "f64")) continue;
    const least = NEVER_NEGATIVE.test(key) ? 0 : Number.NEGATIVE_INFINITY;
    if (!Number.isFinite(entry.value) || entry.value < least) throw fail(`${key} is ${entry.value}`);
  }
  checkExperts(file, of, fail);
  if (metadataNumber(file, of("nextn_predict_layers"), 0) >= blockCount)
    throw fail(`${of("nextn_predict_layers")} leaves no block`);
  const scaling = metadataString(file, of("rope.scaling.type"), "none");
  if (!ROPE_SCALINGS.includes(scaling))
    throw fail(`${of("rope.scaling.type")} is none of ${ROPE_SCALINGS.join(", ")}`);
  // Norms, biases, and what the angles of RoPE are divided by. A classifier of one output is a matrix.
  for (const { name, type, shape } of file.tensors)
    if (type !== "F32" && shape.slice(1).every((length) => length === 1) && !name.startsWith("cls."))
      throw fail(`${name} is of type ${type} and must be F32`);
}

function checkExperts(file: GgufFile, of: (key: string) => string, fail: Fail): void {
  const experts = metadataNumber(file, of("expert_count"), 0);
  const usedKey = of("expert_used_count");
  const perBlock = file.metadata.get(usedKey)?.type === "array";
  const used = perBlock
    ? Math.max(0, ...Array.from(metadataNumbers(file, usedKey) ?? []))
    : metadataNumber(file, usedKey, 0);
  const groups = metadataNumber(file, of("expert_group_count"), 0);
  const usedGroups = metadataNumber(file, of("expert_group_used_count"), 0);
  const sound =
    experts >= 0 &&
    experts <= MAX_EXPERTS &&
    (experts === 0 ? used === 0 && groups === 0 : used >= 1 && used <= experts && groups < experts) &&
    (groups <= 1 || (experts % groups === 0 && usedGroups >= 1 && usedGroups < groups));
  if (!sound) throw fail(`it uses ${used} of ${experts} experts in ${groups} groups`);
}

/**
 * Each token once. Where text is cut into whatever the vocabulary has, down to bytes, one for each byte: the others
 * (`bert`, `t5`) have a token for what is unknown.
 */
export function checkVocabulary(
  tokenizer: "gpt2" | "llama" | "bert" | "t5",
  tokens: readonly string[],
  fail: Fail,
): void {
  const known = new Set<string>();
  for (const [id, token] of tokens.entries()) {
    if (token !== "" && known.has(token)) throw fail(`token ${id} stands twice in the vocabulary`);
    known.add(token);
  }
  if (tokenizer === "bert" || tokenizer === "t5") return;
  for (let byte = 0; byte < 256; byte++) {
    const hex = byte.toString(16).toUpperCase().padStart(2, "0");
    if (!known.has(tokenizer === "gpt2" ? spellBytes(Uint8Array.of(byte)) : `<0x${hex}>`))
      throw fail(`the vocabulary has no token for the byte 0x${hex}`);
  }
}
