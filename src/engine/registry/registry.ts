/**
 * Names of models -> where they are: in this package, or a file in a hub repository. Knows neither the network nor
 * what is on disk. To add a model, add a row.
 *
 * Where the names are from: the repository of `vikhr-8b` from the facts about the model, its file names and the
 * repository of `vikhr-nemo-12b` from public code that downloads them. None could be fetched when this was written:
 * that each quantization exists is checked only when it is pulled, and sizes are those of the architecture.
 */
import { fileURLToPath } from "node:url";
import { InputError } from "../../errors.ts";
import { printable } from "../../util/printable.ts";

export interface HubModel {
  name: string;
  description: string;
  /** `owner/name`. */
  repository: string;
  /** With `{quantization}` in it. */
  file: string;
  /** GGUF type -> about how many bytes the file has. */
  quantizations: Readonly<Record<string, number>>;
  defaultQuantization: string;
}

export interface ShippedModel {
  name: string;
  description: string;
  /** From the root of the package. */
  path: string;
}

export const SHIPPED_MODELS: readonly ShippedModel[] = [
  {
    name: "nano",
    description: "small Russian and English model for offline use, trained here; comes with the package",
    path: "models/nano.gguf",
  },
];

export const HUB_MODELS: readonly HubModel[] = [
  {
    name: "vikhr-8b",
    description: "Vikhr-Llama3.1-8B-Instruct-R-21-09-24",
    repository: "featherless-ai-quants/Vikhrmodels-Vikhr-Llama3.1-8B-Instruct-R-21-09-24-GGUF",
    file: "Vikhrmodels-Vikhr-Llama3.1-8B-Instruct-R-21-09-24-{quantization}.gguf",
    quantizations: {
      Q3_K_M: 4.02e9,
      Q4_K_S: 4.69e9,
      Q4_K_M: 4.92e9,
      Q5_K_S: 5.6e9,
      Q5_K_M: 5.73e9,
      Q6_K: 6.6e9,
      Q8_0: 8.54e9,
    },
    defaultQuantization: "Q4_K_M",
  },
  {
    name: "vikhr-nemo-12b",
    description: "Vikhr-Nemo-12B-Instruct-R-21-09-24",
    repository: "bartowski/Vikhr-Nemo-12B-Instruct-R-21-09-24-GGUF",
    file: "Vikhr-Nemo-12B-Instruct-R-21-09-24-{quantization}.gguf",
    quantizations: {
      Q3_K_M: 6.08e9,
      Q4_K_S: 7.12e9,
      Q4_K_M: 7.48e9,
      Q5_K_S: 8.52e9,
      Q5_K_M: 8.73e9,
      Q6_K: 10.06e9,
      Q8_0: 13.02e9,
    },
    defaultQuantization: "Q4_K_M",
  },
];

export type ModelReference =
  | { kind: "shipped"; name: string; path: string }
  | {
      kind: "hub";
      /** As the user would write it: `vikhr-8b:Q4_K_M`, `hf:owner/name/file.gguf`. */
      name: string;
      repository: string;
      /** A path inside the repository. */
      file: string;
    };

/**
 * `nano`, `vikhr-8b`, `vikhr-8b:Q5_K_M` or `hf:owner/name/file.gguf`; undefined for anything else, which may be a
 * path. A name that is known but wrongly completed is an error.
 */
export function parseModelReference(value: string): ModelReference | undefined {
  if (value.startsWith("hf:")) return parseHubReference(value);
  const [name = "", quantization, ...more] = value.split(":");
  const shipped = SHIPPED_MODELS.find((model) => model.name === value);
  if (shipped) return { kind: "shipped", name: value, path: packagePath(shipped.path) };
  const model = HUB_MODELS.find((known) => known.name === name);
  if (!model || more.length > 0) return undefined;
  const wanted = quantization ?? model.defaultQuantization;
  const found = Object.keys(model.quantizations).find((type) => type === wanted.toUpperCase());
  if (found === undefined)
    throw new InputError(
      `${name} has no quantization ${printable(wanted)}: choose one of ${Object.keys(model.quantizations).join(", ")}`,
    );
  return hubReference(model, found);
}

export function hubReference(model: HubModel, quantization: string): ModelReference & { kind: "hub" } {
  return {
    kind: "hub",
    name: `${model.name}:${quantization}`,
    repository: model.repository,
    file: model.file.replace("{quantization}", quantization),
  };
}

/**
 * Threat: the parts become a path in the cache and a URL. So each is a plain name that does not begin with a dot,
 * which leaves no `..`, no separators of any system, no hidden files, nothing to escape.
 */
const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,150}$/;
const MAX_FOLDERS = 4;

function parseHubReference(value: string): ModelReference {
  const [owner = "", name = "", ...file] = value.slice("hf:".length).split("/");
  const sound =
    [owner, name, ...file].every((part) => PLAIN_NAME.test(part)) &&
    file.length >= 1 &&
    file.length <= MAX_FOLDERS &&
    file.at(-1)!.endsWith(".gguf");
  if (!sound)
    throw new InputError(
      `${printable(value)} is no reference to a file on the hub: write hf:owner/repository/file.gguf`,
    );
  return { kind: "hub", name: value, repository: `${owner}/${name}`, file: file.join("/") };
}

/** This file lies equally deep in src/ and in dist/. */
function packagePath(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}
