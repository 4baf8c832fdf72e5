/** Where keys are named (a YAML file, a variable, flags) -> the keys, hashed. */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { readYamlFile } from "../../util/read-yaml-file.ts";
import { type ApiKey, hashApiKey } from "./api-keys.ts";

const keySchema = z
  .strictObject({
    name: z.string().min(1).max(100),
    /** As `vikhr keys new` prints it. */
    hash: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hexadecimal digits")
      .exactOptional(),
    /** The key itself, where something else keeps the file secret. */
    key: z.string().exactOptional(),
    "requests-per-minute": z.number().positive().max(1e6).exactOptional(),
    "concurrent-requests": z.int().min(1).exactOptional(),
    local: z.boolean().exactOptional(),
  })
  .refine(({ hash, key }) => (hash === undefined) !== (key === undefined), "needs either hash or key");

/** Some thousand keys. */
const MAX_FILE_BYTES = 1024 * 1024;

/** Throws InputError, which never holds a key. */
export function readApiKeys(path: string): ApiKey[] {
  const result = z.array(keySchema).safeParse(readYamlFile(path, { maxBytes: MAX_FILE_BYTES }) ?? []);
  if (!result.success) {
    const { path: place, message } = result.error.issues[0]!;
    const [row, ...field] = place;
    const where =
      typeof row === "number" ? `, key ${row + 1}${field.length > 0 ? `, ${field.join(".")}` : ""}` : "";
    throw new InputError(`${path}${where}: ${message}: a line is - { name: anna, hash: "sha256:..." }`);
  }
  return distinct(
    result.data.map(({ name, hash, key, local, ...limits }) => ({
      name,
      hash:
        key === undefined
          ? Buffer.from(hash!.slice("sha256:".length), "hex")
          : hashApiKey(key, `${path}: the key of ${name}`),
      requestsPerMinute: limits["requests-per-minute"],
      concurrentRequests: limits["concurrent-requests"],
      isLocal: local,
    })),
    path,
  );
}

/** Keys as they are: of flags, and of a variable with commas or spaces between them. */
export function plainApiKeys(flags: readonly string[], variable = ""): ApiKey[] {
  const listed = variable.split(/[\s,]+/).filter((key) => key !== "");
  return [
    ...flags.map((key, i) => ({ name: `key-${i + 1}`, hash: hashApiKey(key, `--api-key number ${i + 1}`) })),
    ...listed.map((key, i) => ({
      name: `env-${i + 1}`,
      hash: hashApiKey(key, `VIKHR_API_KEYS, key ${i + 1},`),
    })),
  ];
}

function distinct(keys: ApiKey[], path: string): ApiKey[] {
  for (const [i, { name, hash }] of keys.entries()) {
    const twin = keys.slice(0, i).find((other) => other.name === name || other.hash.equals(hash));
    if (twin)
      throw new InputError(`${path}: ${name} is there twice, or has the key of ${twin.name}: leave out one`);
  }
  return keys;
}
