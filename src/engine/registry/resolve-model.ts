/** What a user gives as `--model` -> the path of a GGUF file that is there, or an error that says how to get it. */
import { existsSync } from "node:fs";
import { InputError } from "../../errors.ts";
import { printable } from "../../util/printable.ts";
import { cachePaths, modelCacheFolder } from "./model-cache.ts";
import { parseModelReference } from "./registry.ts";

export interface ResolvedModel {
  path: string;
  /** For people: the name as known here, or the path. */
  name: string;
}

/** Names come before files: a file called `nano` is `./nano`. */
export function resolveModel(value: string, cache: string = modelCacheFolder()): ResolvedModel {
  const reference = parseModelReference(value);
  if (!reference) {
    if (existsSync(value)) return { path: value, name: value };
    throw new InputError(
      `there is no model or file ${printable(value, 300)}: give the path of a .gguf file, or a name from vikhr models list`,
    );
  }
  if (reference.kind === "shipped") {
    if (existsSync(reference.path)) return { path: reference.path, name: reference.name };
    throw new InputError(
      `${reference.path}: the model that comes with the package is missing: install it again`,
    );
  }
  const { model } = cachePaths(cache, reference);
  if (existsSync(model)) return { path: model, name: value };
  throw new InputError(`${value} is not downloaded: run vikhr models pull ${value}`);
}
