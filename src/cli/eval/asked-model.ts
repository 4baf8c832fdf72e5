/** Settings -> what an evaluation calls the model that it asks, and all that tells it from others; nothing is loaded. */
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { resolveModel } from "../../engine/registry/resolve-model.ts";
import { InputError } from "../../errors.ts";
import { QUOTES } from "../open-model.ts";
import type { Settings } from "../settings.ts";

export interface AskedModel {
  /** In files and reports: `--name`, else a server's id of it, the name, or the file's name without `.gguf`. */
  name: string;
  /** Answers of one are no answers of another. */
  identity: Record<string, string>;
}

/** Throws InputError where none is named, or it is not there. */
export function askedModel(settings: Settings, name: unknown): AskedModel {
  const { model = QUOTES, baseUrl, modelId, api, adapter } = settings;
  if (baseUrl === undefined && model === QUOTES)
    throw new InputError("which model is to be asked? give --model, or --base-url with --model-id");
  if (baseUrl !== undefined && modelId === undefined)
    throw new InputError(`which model of ${baseUrl.join(", ")}? give --model-id`);
  const own = baseUrl === undefined ? basename(model).replace(/\.gguf$/i, "") : modelId!;
  return {
    name: String(name ?? own),
    identity: {
      model: baseUrl === undefined ? model : modelId!,
      ...(baseUrl === undefined && { file: fingerprint(resolveModel(model).path) }),
      // Who renders the prompt.
      ...(api !== undefined && { api }),
      ...(adapter && {
        adapter: adapter.map(({ path, scale = 1 }) => `${path}=${scale}, ${fingerprint(path)}`).join("; "),
      }),
    },
  };
}

/** The size and the hash of the end, which changes with any training: of some gigabytes all of it would take long. */
function fingerprint(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (cause) {
    throw new InputError(`cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
  try {
    const bytes = fstatSync(fd).size;
    const end = Buffer.alloc(Math.min(bytes, 1024 * 1024));
    readSync(fd, end, 0, end.length, bytes - end.length);
    return `${bytes} bytes, ${createHash("sha256").update(end).digest("hex").slice(0, 16)}`;
  } finally {
    closeSync(fd);
  }
}
