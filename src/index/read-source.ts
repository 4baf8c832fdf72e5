/** A source (a file's path, an address) in, its bytes out, with the ending of a name that tells their format. */
import { readFileSync, statSync } from "node:fs";
import { extname } from "node:path";
import { type FetchedPage, type FetchPageOptions, fetchPage, isAddress } from "../documents/fetch-page.ts";
import { InputError } from "../errors.ts";

/** Threat: a disk image among the notes. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** Throws InputError, or the system's own error, without the source's name. */
export async function readSource(source: string, options: FetchPageOptions = {}): Promise<FetchedPage> {
  if (isAddress(source)) return fetchPage(source, options);
  const facts = statSync(source);
  // Threat: a pipe that took the place of a file, and is read for ever.
  if (!facts.isFile()) throw new InputError("it is no file");
  if (facts.size > MAX_FILE_BYTES)
    throw new InputError(`it has ${facts.size} bytes: ${MAX_FILE_BYTES} are the most`);
  return { bytes: readFileSync(source), extension: extname(source).toLowerCase() };
}
