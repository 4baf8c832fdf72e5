/** The model that a run starts from: a GGUF with its own tokenizer, or fresh parameters around a trained vocabulary. */
import { basename } from "node:path";
import { InputError } from "../errors.ts";
import { type GgufMetadata, metadataString, string, u32 } from "../gguf/metadata.ts";
import { type GgufFile, readGguf } from "../gguf/read-gguf.ts";
import { type LlamaConfig, readLlamaConfig } from "../model/llama-config.ts";
import { loadLlama } from "../model/llama-gguf.ts";
import { initialValues, type LlamaParameters, llamaParameters } from "../model/llama-parameters.ts";
import type { Backend } from "../tensor/backend.ts";
import { DEFAULT_CHAT_TEMPLATE } from "../tokenizer/chat-template.ts";
import { readVocabulary, tokenizerToGgufMetadata } from "../tokenizer/vocabulary.ts";
import type { SftSettings } from "./sft-settings.ts";

export interface TrainableModel {
  config: LlamaConfig;
  parameters: LlamaParameters;
  tokenizerMetadata: GgufMetadata;
  /** `general.*` keys for the new file. */
  general: GgufMetadata;
}

/** Allocated and filled. Throws InputError where the file is no Llama, or cannot be exported as asked. */
export function openTrainable(settings: SftSettings, backend: Backend): TrainableModel {
  const { model_name_or_path: path } = settings;
  const model = path === undefined ? freshModel(settings, backend) : modelOfFile(path, backend);
  checkExport(settings, model);
  return model;
}

function modelOfFile(path: string, backend: Backend): TrainableModel {
  const file = readGguf(path);
  const config = readLlamaConfig(file);
  const parameters = llamaParameters(config);
  backend.allocate(parameters.all);
  loadLlama(file, parameters, backend);
  const tokenizerMetadata = new Map([...file.metadata].filter(([key]) => key.startsWith("tokenizer.")));
  return { config, parameters, tokenizerMetadata, general: inherited(file) };
}

function freshModel({ tokenizer, fresh_model: fresh, seed }: SftSettings, backend: Backend): TrainableModel {
  const tokenizerMetadata = tokenizerToGgufMetadata(readVocabulary(tokenizer!), DEFAULT_CHAT_TEMPLATE);
  const config: LlamaConfig = {
    vocabularySize: tokenCount(tokenizerMetadata),
    width: fresh!.hidden_size,
    layers: fresh!.num_hidden_layers,
    heads: fresh!.num_attention_heads,
    kvHeads: fresh!.num_key_value_heads,
    headSize: fresh!.hidden_size / fresh!.num_attention_heads,
    feedForward: fresh!.intermediate_size,
    ropeBase: fresh!.rope_theta,
    rmsEpsilon: fresh!.rms_norm_eps,
    contextLength: fresh!.max_position_embeddings,
    tied: fresh!.tie_word_embeddings,
  };
  const parameters = llamaParameters(config);
  backend.allocate(parameters.all);
  for (const [p, values] of initialValues(config, parameters, seed)) backend.write(p, values);
  return { config, parameters, tokenizerMetadata, general: new Map() };
}

/** What stays true of a base model after training, the license above all; and which model it was. */
function inherited(base: GgufFile): GgufMetadata {
  const kept = [...base.metadata].filter(([key]) => /^general\.(license|languages|tags)/.test(key));
  return new Map([
    ...kept,
    ["general.base_model.count", u32(1)],
    ["general.base_model.0.name", string(metadataString(base, "general.name", basename(base.path)))],
  ]);
}

/** What would fail when the training is over. */
function checkExport({ export_type, model_name_or_path }: SftSettings, model: TrainableModel): void {
  const { width, heads, headSize, feedForward, vocabularySize } = model.config;
  if (export_type === "Q8_0" && [width, heads * headSize, feedForward].some((n) => n % 32 !== 0))
    throw new InputError("export_type: Q8_0 wants widths that are multiples of 32: use F16");
  const count = tokenCount(model.tokenizerMetadata);
  if (count !== vocabularySize)
    throw new InputError(
      `${model_name_or_path}: it has ${count} tokens and embeddings for ${vocabularySize}: use another file`,
    );
}

function tokenCount(metadata: GgufMetadata): number {
  const tokens = metadata.get("tokenizer.ggml.tokens");
  return tokens?.type === "array" ? tokens.value.length : 0;
}
