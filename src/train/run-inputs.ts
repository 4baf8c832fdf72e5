/** What a run was made from: the hashes of its input files, for meta.json and for telling runs apart. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { InputError } from "../errors.ts";

/** SHA-256 in hex of each file, by path. */
export async function hashFiles(paths: readonly string[]): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const path of paths) {
    const hash = createHash("sha256");
    try {
      for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    } catch (cause) {
      throw new InputError(`cannot read ${path}: ${(cause as Error).message}`, { cause });
    }
    hashes[path] = hash.digest("hex");
  }
  return hashes;
}

/** One hash of the settings that decide the result, and of the inputs' contents in their order (not of their paths). */
export function fingerprintOf(settings: object, hashes: readonly string[]): string {
  return createHash("sha256")
    .update(JSON.stringify([settings, hashes]))
    .digest("hex");
}
