/**
 * A byte-level BPE vocabulary of ours: its file (JSON), and the GGUF keys that carry it. Ids: 0-255 are the
 * bytes, then one id per merge, then the control tokens.
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { bool, type GgufMetadata, type GgufValue, i32s, string, strings, u32 } from "../gguf/metadata.ts";
import { readTextFile } from "../util/read-text-file.ts";
import { writeFileAtomic } from "../util/write-file-atomic.ts";
import { spellBytes } from "./byte-alphabet.ts";

/** In the spelling of Llama 3, which llama.cpp and other engines recognise. */
export const CONTROL_TOKENS = {
  bos: "<|begin_of_text|>",
  endOfText: "<|end_of_text|>",
  startHeader: "<|start_header_id|>",
  endHeader: "<|end_header_id|>",
  eot: "<|eot_id|>",
  pad: "<|reserved_special_token_0|>",
} as const;

/** llama.cpp's numbers for kinds of tokens. */
export const TOKEN_TYPE = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

export interface Vocabulary {
  /** Pairs of ids, in rank order; the n-th makes id 256 + n. */
  merges: readonly (readonly [number, number])[];
  controlTokens: readonly string[];
}

/** Ours have thousands of merges, the largest public vocabularies some 250,000. */
const MAX_MERGES = 1_000_000;
const MAX_FILE_BYTES = 64 * 1024 * 1024;

const vocabularyFile = z.strictObject({
  format: z.literal("vikhr-vocabulary"),
  version: z.literal(1),
  preTokenizer: z.literal("llama-bpe"),
  controlTokens: z.array(z.string().min(1).max(256)).max(65_536),
  merges: z.array(z.tuple([z.int().nonnegative(), z.int().nonnegative()])).max(MAX_MERGES),
});

export async function writeVocabulary(path: string, vocabulary: Vocabulary): Promise<void> {
  const head = { format: "vikhr-vocabulary", version: 1, preTokenizer: "llama-bpe" };
  const file: z.infer<typeof vocabularyFile> = vocabularyFile.parse({ ...head, ...vocabulary });
  await writeFileAtomic(path, `${JSON.stringify(file)}\n`);
}

export function readVocabulary(path: string): Vocabulary {
  return parseVocabulary(path, readTextFile(path, { maxBytes: MAX_FILE_BYTES }));
}

function parseVocabulary(path: string, text: string): Vocabulary {
  const damaged = (reason: string) =>
    new InputError(`${path}: not a vocabulary file (${reason}): train it again, or use another file`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged("it is not JSON");
  }
  const parsed = vocabularyFile.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw damaged(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "wrong shape"}`);
  }
  const { merges, controlTokens } = parsed.data;
  const early = merges.findIndex(([left, right], n) => left >= 256 + n || right >= 256 + n);
  if (early >= 0) throw damaged(`merge ${early} uses an id that does not exist yet`);
  if (new Set(controlTokens).size !== controlTokens.length) throw damaged("a control token stands twice");
  return { merges, controlTokens };
}

/** The spelling of each id below the control tokens, in the byte alphabet. */
export function spellings(vocabulary: Vocabulary): string[] {
  const tokens = Array.from({ length: 256 }, (_, byte) => spellBytes(Uint8Array.of(byte)));
  for (const [left, right] of vocabulary.merges) tokens.push(tokens[left]! + tokens[right]!);
  return tokens;
}

/** Every `tokenizer.*` key, for `writeGguf` or for a `Tokenizer`. */
export function tokenizerToGgufMetadata(vocabulary: Vocabulary, chatTemplate?: string): GgufMetadata {
  const { merges, controlTokens } = vocabulary;
  const words = spellings(vocabulary);
  const idOf = (control: string) => {
    const place = controlTokens.indexOf(control);
    if (place < 0) throw new InputError(`the vocabulary lacks the control token ${control}: train it again`);
    return words.length + place;
  };
  const metadata = new Map<string, GgufValue>([
    ["tokenizer.ggml.model", string("gpt2")],
    ["tokenizer.ggml.pre", string("llama-bpe")],
    ["tokenizer.ggml.tokens", strings([...words, ...controlTokens])],
    [
      "tokenizer.ggml.token_type",
      i32s([...words.map(() => TOKEN_TYPE.normal), ...controlTokens.map(() => TOKEN_TYPE.control)]),
    ],
    ["tokenizer.ggml.merges", strings(merges.map(([left, right]) => `${words[left]} ${words[right]}`))],
    ["tokenizer.ggml.bos_token_id", u32(idOf(CONTROL_TOKENS.bos))],
    // As Llama 3's instruct models have it: what ends a turn also ends generation.
    ["tokenizer.ggml.eos_token_id", u32(idOf(CONTROL_TOKENS.eot))],
    ["tokenizer.ggml.eot_token_id", u32(idOf(CONTROL_TOKENS.eot))],
    ["tokenizer.ggml.padding_token_id", u32(idOf(CONTROL_TOKENS.pad))],
    // The chat template writes it.
    ["tokenizer.ggml.add_bos_token", bool(false)],
    ["tokenizer.ggml.add_eos_token", bool(false)],
  ]);
  if (chatTemplate !== undefined) metadata.set("tokenizer.chat_template", string(chatTemplate));
  return metadata;
}
