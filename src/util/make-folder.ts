/** A folder to write into, made with those above it where it is missing. Throws InputError where that cannot be. */
import { accessSync, constants, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { InputError } from "../errors.ts";

export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
  } catch (error) {
    const fault = error as NodeJS.ErrnoException;
    // Of what it cannot make on a read-only disk Node says that it is not there.
    const cause = (fault.code === "ENOENT" && whyNot(dirname(path))) || fault;
    throw new InputError(`cannot write to ${path}: ${cause.message}: choose another place`, { cause });
  }
}

/** Nothing can be made in a folder, or in the one above it that is there. */
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
