/** A folder to write into, made with those above it where it is missing. Throws InputError where that cannot be. */
import { accessSync, constants, mkdirSync } from "node:fs";
import { InputError } from "../errors.ts";

export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
  } catch (cause) {
    throw new InputError(`cannot write to ${path}: ${(cause as Error).message}: choose another place`, {
      cause,
    });
  }
}
