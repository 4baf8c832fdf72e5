/** A model's name or file -> the GGUF file it stands for. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { InputError } from "../errors.ts";

export async function locateModel(model: string): Promise<{ path: string; name: string }> {
  const path = model === "nano" ? fileURLToPath(new URL("../../models/nano.gguf", import.meta.url)) : model;
  if (!existsSync(path)) throw new InputError(`there is no model ${model}: see vikhr models list`);
  return { path, name: model };
}
