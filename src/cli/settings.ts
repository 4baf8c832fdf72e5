/**
 * What the user asked for about models, gathered from three places: flags, VIKHR_* variables, the config file. In
 * each the names are those of the flags. Every fault is one line that names the place and the setting.
 */
import { availableParallelism, homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { z } from "zod";
import { MAX_BEAMS, MAX_SEED, MAX_TEMPERATURE } from "../engine/generate-options.ts";
import { InputError } from "../errors.ts";
import { readYamlFile } from "../util/read-yaml-file.ts";

const whole = (least: number, most = Number.MAX_SAFE_INTEGER, why = "") => {
  const wanted = `a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? "" : ` to ${most}`}${why}`;
  return z.preprocess(toNumber, z.int({ error: wanted }).min(least, wanted).max(most, wanted));
};

const temperature = `a number from 0 to ${MAX_TEMPERATURE}`;

// Whatever the engines would refuse is refused here, before a model is loaded and an answer begun.
const schema = z.strictObject({
  /** A name, `quotes`, or a GGUF file. */
  model: z.string().min(1, "a name or a file").exactOptional(),
  /** Of an OpenAI-compatible server, or of several that serve the same model. */
  baseUrl: z
    .preprocess(
      splitAtCommas,
      z
        .array(
          z
            .url({ protocol: /^https?$/, error: "an http:// or https:// address" })
            .refine(
              (url) => !/^[^/]*\/\/[^/]*@/.test(url),
              "without a name and password: they go into --api-key",
            ),
          "an address, or a list of them",
        )
        .min(1, "an address, or a list of them"),
    )
    .exactOptional(),
  apiKey: z.string().exactOptional(),
  /** What the server calls the model. */
  modelId: z.string().min(1, "a name").exactOptional(),
  /** Who renders the prompt: we (completions), or that server (chat). */
  api: z.enum(["completions", "chat"], { error: "completions or chat" }).exactOptional(),
  temperature: z
    .preprocess(
      toNumber,
      z.number({ error: temperature }).min(0, temperature).max(MAX_TEMPERATURE, temperature),
    )
    .exactOptional(),
  seed: whole(0, MAX_SEED).exactOptional(),
  maxTokens: whole(1).exactOptional(),
  contextSize: whole(2).exactOptional(),
  /** Of a model on this machine: what its context is kept in. */
  kvType: z.enum(["f16", "q8_0", "q4_0"], { error: "f16, q8_0 or q4_0" }).exactOptional(),
  /** The engine takes no more; here they are refused by the name of the setting, before anything is read. */
  threads: whole(1, availableParallelism(), ", as many as this machine has cores").exactOptional(),
  /** LoRA, of a model on this machine: a file, or file=scale. They go with the model that the same place names. */
  adapter: z
    .preprocess(
      toList,
      z.array(z.string().min(1, "a file, or file=scale").transform(toAdapter), "a file, or a list of them"),
    )
    .exactOptional(),
  beams: whole(1, MAX_BEAMS).exactOptional(),
  /** Better answers for more time: a beam search. */
  quality: z.preprocess(toBoolean, z.boolean({ error: "true or false" })).exactOptional(),
});

export type Settings = z.infer<typeof schema>;
type Name = keyof Settings;

const NAMES = Object.keys(schema.shape) as Name[];
/** Settings that say which model: the first place that has one of them decides. */
const CHOICE = ["model", "baseUrl", "modelId"] as const;
const MAX_CONFIG_BYTES = 64 * 1024;

export interface SettingsSources {
  /** As the command line gives them: camelCase, values as text. Other flags are passed over. */
  flags: Readonly<Record<string, unknown>>;
  /** Default: the process's. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Default: `$XDG_CONFIG_HOME/vikhr/config.yaml`, else `~/.config/vikhr/config.yaml`. */
  configPath?: string;
}

export function readSettings(sources: SettingsSources): Settings {
  const { env = process.env, configPath = defaultConfigPath(env) } = sources;
  const flags = check(
    pick(NAMES, (name) => sources.flags[name]),
    (name) => `--${kebab(name)}`,
  );
  const variables = check(
    pick(NAMES, (name) => env[variable(name)] || undefined),
    variable,
  );
  const file = readConfig(configPath);
  const places = [flags, variables, file];
  const settings = { ...file, ...variables, ...flags };
  for (const name of CHOICE) delete settings[name];
  const choice = places.find((place) => place.model !== undefined || place.baseUrl !== undefined) ?? {};
  if (choice.model !== undefined && choice.baseUrl !== undefined)
    throw new InputError(
      "a model and the address of a server are both given: use --model for a model here, or --base-url with --model-id for a server's",
    );
  if (flags.modelId !== undefined && choice.baseUrl === undefined)
    throw new InputError("--model-id is what a server calls its model: give --base-url too");
  const adapter = flags.adapter ?? choice.adapter;
  delete settings.adapter;
  const modelId = places.find((place) => place.modelId !== undefined)?.modelId;
  return {
    ...settings,
    ...(choice.model !== undefined && { model: choice.model }),
    ...(adapter !== undefined && { adapter }),
    ...(choice.baseUrl !== undefined && { baseUrl: choice.baseUrl }),
    ...(choice.baseUrl !== undefined && modelId !== undefined && { modelId }),
    ...(settings.apiKey === undefined && env.OPENAI_API_KEY ? { apiKey: env.OPENAI_API_KEY } : {}),
  };
}

/** The model card recommends a beam search, and names no width; 4 is usual. */
const QUALITY_BEAMS = 4;

/** What of the settings every generation takes. */
export function samplingOptions({ temperature, seed, maxTokens, beams, quality }: Settings) {
  const width = beams ?? (quality ? QUALITY_BEAMS : 1);
  return {
    ...(width > 1 && { beamSearch: { beams: width } }),
    ...(temperature !== undefined && { temperature }),
    ...(seed !== undefined && { seed }),
    ...(maxTokens !== undefined && { maxTokens }),
  };
}

export function defaultConfigPath(env: Readonly<Record<string, string | undefined>> = process.env): string {
  // The XDG specification: relative paths are to be ignored.
  const base = isAbsolute(env.XDG_CONFIG_HOME ?? "") ? env.XDG_CONFIG_HOME! : join(homedir(), ".config");
  return join(base, "vikhr", "config.yaml");
}

function readConfig(path: string): Settings {
  const value = readYamlFile(path, { maxBytes: MAX_CONFIG_BYTES, optional: true }) ?? {};
  if (typeof value !== "object" || Array.isArray(value))
    throw new InputError(`${path} must hold lines of the form \`model: vikhr-8b\``);
  const known = NAMES.map(kebab);
  const strange = Object.keys(value as object).find((key) => !known.includes(key));
  if (strange !== undefined)
    throw new InputError(
      `${path}: there is no setting ${JSON.stringify(strange)}: known are ${known.join(", ")}`,
    );
  return check(
    pick(NAMES, (name) => (value as Record<string, unknown>)[kebab(name)]),
    (name) => `${path}: ${kebab(name)}`,
  );
}

function check(values: Record<string, unknown>, spell: (name: Name) => string): Settings {
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const name = issue.path[0] as Name;
  const isSecret = name === "apiKey" || String(values[name]).includes("@");
  const given = isSecret ? "" : ` is ${JSON.stringify(values[name])} and`;
  const wanted = issue.code === "invalid_type" && issue.expected === "string" ? "a text" : issue.message;
  throw new InputError(`${spell(name)}${given} must be ${wanted}`);
}

function pick(names: readonly Name[], value: (name: Name) => unknown): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, value(name)]).filter(([, v]) => v !== undefined));
}

function toList(value: unknown): unknown {
  return typeof value === "string" ? [value] : value;
}

function splitAtCommas(value: unknown): unknown {
  const list = toList(value);
  return Array.isArray(list)
    ? list.flatMap((one: unknown) => (typeof one === "string" ? one.split(/\s*,\s*/) : [one]))
    : list;
}

/** What stands behind the last = is a scale where it is a number. */
function toAdapter(text: string): { path: string; scale?: number } {
  const [, path, scale] = /^(.+)=(-?[\d.]+)$/s.exec(text) ?? [];
  return path !== undefined && Number.isFinite(Number(scale))
    ? { path, scale: Number(scale) }
    : { path: text };
}

function toNumber(value: unknown): unknown {
  return typeof value === "string" && value.trim() !== "" ? Number(value) : value;
}

function toBoolean(value: unknown): unknown {
  return value === "true" || value === "1" ? true : value === "false" || value === "0" ? false : value;
}

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const variable = (name: string) => `VIKHR_${kebab(name).replaceAll("-", "_").toUpperCase()}`;
