/** `vikhr models info`: a model's name or file in; what it is, and the memory it needs by context, out. */

import { BATCH_SIZE } from "../engine/embedded/choose-device.ts";
import { estimateMemory } from "../engine/embedded/memory.ts";
import { readModelHeader } from "../engine/embedded/model-header.ts";
import { DEFAULT_PARALLEL } from "../engine/embedded/open-embedded.ts";
import { outputsFor } from "../engine/embedded/token-engine.ts";
import { resolveModel } from "../engine/registry/resolve-model.ts";
import { EXIT } from "../errors.ts";
import { metadataString } from "../gguf/metadata.ts";
import { type GgufFile, readGguf } from "../gguf/read-gguf.ts";
import { formatBytes, formatCount } from "../util/format-quantity.ts";
import { terminalJson, terminalLine } from "../util/terminal-text.ts";

const CONTEXT_SIZES = [4096, 8192, 32_768, 131_072];

export async function modelsInfo(model: string, flags: Record<string, unknown>): Promise<number> {
  const { path } = resolveModel(model);
  const file = readGguf(path);
  const header = readModelHeader(file);
  const parameters = file.tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const sizes = CONTEXT_SIZES.filter((size) => size < header.contextLength).concat(header.contextLength);
  const outputs = outputsFor(DEFAULT_PARALLEL);
  const memory = [...new Set(sizes)].map((contextSize) => ({
    context_size: contextSize,
    bytes: estimateMemory(header, { contextSize, batchSize: BATCH_SIZE, outputs }).total,
  }));
  const info = {
    path,
    name: metadataString(file, "general.name", ""),
    architecture: header.architecture,
    parameters,
    blocks: header.blockCount,
    vocabulary: header.tokens.length,
    context_length: header.contextLength,
    quantization: mainType(file),
    file_bytes: file.dataOffset + header.weightBytes,
    chat_template: header.chatTemplate !== undefined,
    memory,
  };
  if (flags.json) process.stdout.write(`${terminalJson(info)}\n`);
  else {
    const line = (label: string, value: string) =>
      process.stdout.write(`${label.padEnd(14)} ${terminalLine(value)}\n`);
    line("file", path);
    line("name", info.name || "(none)");
    line(
      "architecture",
      `${info.architecture}, ${formatCount(parameters)} parameters in ${info.blocks} blocks`,
    );
    line("weights", `${info.quantization}, ${formatBytes(header.weightBytes)}`);
    line("vocabulary", `${info.vocabulary} tokens; chat template: ${info.chat_template ? "yes" : "none"}`);
    line("context", `up to ${info.context_length} tokens`);
    for (const { context_size, bytes } of memory)
      line("memory", `${formatBytes(bytes)} at a context of ${context_size}`);
  }
  return EXIT.ok;
}

/** The type that most of the weights have. */
function mainType({ tensors }: GgufFile): string {
  const bytes = new Map<string, number>();
  for (const { type, byteLength } of tensors) bytes.set(type, (bytes.get(type) ?? 0) + byteLength);
  return [...bytes].reduce((a, b) => (b[1] > a[1] ? b : a), ["none", 0] as [string, number])[0];
}
