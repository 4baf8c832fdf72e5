/** What somebody wants to add (a path, a pattern, an address) in, the source that stays linked out. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { escapePath, isDynamicPattern } from "tinyglobby";
import { isAddress, parseUrl } from "../documents/fetch-page.ts";
import { findFiles } from "../documents/find-files.ts";
import { InputError } from "../errors.ts";
import type { LinkedSource } from "./collections.ts";

/** Throws InputError where there is no such file, and for an address that could never be read. */
export function linkedSource(path: string): LinkedSource {
  if (isAddress(path)) return addressSource(path);
  const facts = statSync(path, { throwIfNoEntry: false });
  const location = resolve(path);
  if (facts?.isDirectory()) return { location, kind: "folder" };
  if (facts?.isFile()) return { location, kind: "file" };
  if (facts) throw new InputError(`${path} is neither a file nor a folder`);
  // Of another kind, whose fault is said there.
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) return addressSource(path);
  if (isDynamicPattern(path)) return { location: patternLocation(path), kind: "pattern" };
  throw new InputError(`cannot read ${path}: there is no such file: check the path`);
}

function addressSource(address: string): LinkedSource {
  try {
    parseUrl(address);
  } catch (error) {
    // Threat: a password on a screen that others see.
    const shown = address.replace(/\/\/.*@/s, "//...@");
    throw new InputError(`cannot read ${shown}: ${(error as Error).message}`);
  }
  return { location: address, kind: "address" };
}

/** Throws InputError for a pattern that matches nothing now: it may be misspelt. */
export async function assertMatching({ location, kind }: LinkedSource): Promise<void> {
  if (kind !== "pattern") return;
  const { files, faults, passedOver } = await findFiles(location, { kind });
  if (files.length + faults.length > 0) return;
  const found = passedOver.length === 0 ? "no file" : "only files of kinds that are not read";
  throw new InputError(`${location} matches ${found}: check the pattern`);
}

/** Absolute, though the folder that it begins in may be called as patterns are written. */
export function patternLocation(pattern: string): string {
  return resolve(escapePath(process.cwd()), pattern);
}

/** What is linked already moves to the end. */
export function withSources(
  sources: readonly LinkedSource[],
  added: readonly LinkedSource[],
): readonly LinkedSource[] {
  const others = sources.filter(({ location }) => added.every((source) => source.location !== location));
  return [...others, ...added];
}
