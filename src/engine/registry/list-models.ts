/** The registry and the cache -> one list: what can be opened now, what is half there, what can be pulled. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { cachePaths, modelCacheFolder } from "./model-cache.ts";
import { HUB_MODELS, hubReference, parseModelReference, SHIPPED_MODELS } from "./registry.ts";

export interface ListedModel {
  /** What `--model` and `vikhr models pull` take. */
  name: string;
  description: string;
  /** `ready` can be opened; `partial` was interrupted; `absent` can be pulled, or was not built (shipped ones). */
  state: "ready" | "partial" | "absent";
  /** On disk; undefined where nothing is. */
  bytes: number | undefined;
  /** Of the whole file, roughly; undefined where it is not known. */
  approximateBytes: number | undefined;
  path: string;
}

export interface ListModelsOptions {
  /** Default: see `modelCacheFolder`. */
  cache?: string;
}

/** Of each known model its default quantization, and all others that are on disk. */
export async function listModels({
  cache = modelCacheFolder(),
}: ListModelsOptions = {}): Promise<ListedModel[]> {
  const listed: ListedModel[] = [];
  for (const { name, description } of SHIPPED_MODELS) {
    const { path } = parseModelReference(name) as { path: string };
    listed.push({ name, description, approximateBytes: undefined, ...(await onDisk(path)), path });
  }
  for (const model of HUB_MODELS)
    for (const [quantization, approximateBytes] of Object.entries(model.quantizations)) {
      const { name, repository, file } = hubReference(model, quantization);
      const path = cachePaths(cache, { repository, file }).model;
      const found = await onDisk(path);
      if (found.state === "absent" && quantization !== model.defaultQuantization) continue;
      listed.push({ name, description: model.description, approximateBytes, ...found, path });
    }
  const known = new Set(listed.map(({ path }) => path));
  for (const { repository, file } of await cachedFiles(cache)) {
    const path = cachePaths(cache, { repository, file }).model;
    if (known.has(path)) continue;
    const name = `hf:${repository}/${file}`;
    listed.push({
      name,
      description: repository,
      approximateBytes: undefined,
      ...(await onDisk(path)),
      path,
    });
  }
  return listed;
}

async function onDisk(path: string): Promise<Pick<ListedModel, "state" | "bytes">> {
  const whole = await size(path);
  if (whole !== undefined) return { state: "ready", bytes: whole };
  const part = await size(`${path}.part`);
  return { state: part === undefined ? "absent" : "partial", bytes: part };
}

async function size(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}

/** Files that a pull may have made, whole or in part. */
async function cachedFiles(cache: string): Promise<{ repository: string; file: string }[]> {
  const hub = join(cache, "hub");
  const paths = await readdir(hub, { recursive: true }).catch(() => []);
  const files = new Set<string>();
  for (const path of paths.sort()) {
    const name = path
      .split(/[/\\]/)
      .join("/")
      .replace(/\.part$/, "");
    if (name.endsWith(".gguf")) files.add(name);
  }
  return [...files].flatMap((name) => {
    const [owner, repository, ...file] = name.split("/");
    return owner && repository && file.length > 0
      ? [{ repository: `${owner}/${repository}`, file: file.join("/") }]
      : [];
  });
}
