/** What somebody wants to add (a path, a pattern, an address) in, the source that stays linked out. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { isDynamicPattern } from "tinyglobby";
import { isAddress } from "../documents/fetch-page.ts";
import { InputError } from "../errors.ts";
import type { LinkedSource } from "./collections.ts";

/** Throws InputError where there is no such file. */
export function linkedSource(path: string): LinkedSource {
  if (isAddress(path)) return { location: path, kind: "address" };
  const facts = statSync(path, { throwIfNoEntry: false });
  const location = resolve(path);
  if (facts?.isDirectory()) return { location, kind: "folder" };
  if (facts?.isFile()) return { location, kind: "file" };
  if (facts) throw new InputError(`${path} is neither a file nor a folder`);
  if (isDynamicPattern(path)) return { location, kind: "pattern" };
  throw new InputError(`cannot read ${path}: there is no such file: check the path`);
}

/** What is linked already moves to the end. */
export function withSources(
  sources: readonly LinkedSource[],
  added: readonly LinkedSource[],
): readonly LinkedSource[] {
  const others = sources.filter(({ location }) => added.every((source) => source.location !== location));
  return [...others, ...added];
}
