/** A folder to write into, made with those above it where it is missing. Throws InputError where that cannot be. */
import { accessSync, constants, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { InputError } from "../errors.ts";

export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
  } catch (error) {
    const cause = whyNot(dirname(path)) ?? (error as Error);
    throw new InputError(`cannot write to ${path}: ${cause.message}: choose another place`, { cause });
  }
}

/** Of a folder that is there, or of what is above it. On a read-only disk Node says ENOENT of what it cannot make. */
function whyNot(folder: string): Error | undefined {
  try {
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    const above = dirname(folder);
    return (error as NodeJS.ErrnoException).code === "ENOENT" && above !== folder
      ? whyNot(above)
      : (error as Error);
  }
}
