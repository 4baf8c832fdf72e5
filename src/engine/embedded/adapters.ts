/** LoRA adapters as callers give and ask for them -> checked files, and the scale of each. Knows no library. */
import { basename } from "node:path";
import { InputError } from "../../errors.ts";
import { type GgufFile, readGguf } from "../../gguf/read-gguf.ts";
import { printable } from "../../util/printable.ts";
import { checkAdapterScale } from "../generate-options.ts";
import { readAdapterHeader } from "./adapter-header.ts";

export interface AdapterOptions {
  /** A GGUF file, as llama.cpp's convert_lora_to_gguf.py writes it, for the very model that is opened. */
  path: string;
  /** Default: the file's name without `.gguf`. */
  name?: string;
  /** For requests that do not say; 0 leaves it out of them. From -100 to 100. Default 1. */
  scale?: number;
}

export interface LoadedAdapter {
  name: string;
  scale: number;
}

/**
 * The scales of all of a model's adapters, in their order, in one text: `1,0.5`. What has the same can stand in one
 * batch, and share what is evaluated.
 */
export type AdapterScales = string;

/** llama.cpp ends the process where a graph outgrows what it counted, and of some architectures it counts none. */
const MAX_ADAPTERS = 8;

/** A file that would not do is an error; see adapter-header.ts. */
export function readAdapters(options: readonly AdapterOptions[], model: GgufFile) {
  if (options.length > MAX_ADAPTERS)
    throw new InputError(`${options.length} adapters are given, and a model takes ${MAX_ADAPTERS} at most`);
  const names = new Set<string>();
  return options.map(({ path, name = basename(path).replace(/\.gguf$/i, ""), scale = 1 }) => {
    if (names.has(name))
      throw new InputError(`two adapters are called ${printable(name)}: give one of them another name`);
    names.add(name);
    const { weightBytes } = readAdapterHeader(readGguf(path), model);
    return { path, name, scale: checkAdapterScale(name, scale), weightBytes };
  });
}

/** `asked`: by name; those not named are 0. Default: as at load. */
export function adapterScales(
  adapters: readonly LoadedAdapter[],
  asked: Readonly<Record<string, number>> | undefined,
): AdapterScales | undefined {
  const strange = Object.keys(asked ?? {}).find((name) => adapters.every((one) => one.name !== name));
  if (strange !== undefined) {
    const known = adapters.map(({ name }) => printable(name)).join(", ");
    throw new InputError(
      `there is no adapter ${printable(strange)}: ${known ? `loaded are ${known}` : "the model was opened without any"}`,
    );
  }
  if (adapters.length === 0) return undefined;
  const scaleOf = ({ name, scale }: LoadedAdapter) =>
    asked === undefined ? scale : Object.hasOwn(asked, name) ? asked[name]! : 0;
  return adapters.map(scaleOf).join();
}

export function scaleNumbers(scales: AdapterScales | undefined): number[] {
  return scales === undefined ? [] : scales.split(",").map(Number);
}
