/** A manifest that a command wrote before, read back; undefined where there is none. */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { readTextFile } from "../util/read-text-file.ts";
import type { Manifest } from "./manifest.ts";

const MAX_BYTES = 16 * 1024 * 1024;

const texts = z.record(z.string(), z.string());
const schema = z.object({
  command: z.string(),
  created: z.iso.datetime(),
  version: z.string(),
  data: texts,
  texts,
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

export function readManifest(path: string): Manifest | undefined {
  const text = readTextFile(path, { maxBytes: MAX_BYTES, optional: true });
  if (text === undefined) return undefined;
  const wrong = (what: string) => new InputError(`${path} is no manifest (${what}): take it away`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw wrong((cause as Error).message);
  }
  const { data, error } = schema.safeParse(json);
  if (data) return data;
  throw wrong(`${error.issues[0]!.path.join(".")}: ${error.issues[0]!.message}`);
}
