/** A YAML file of bounded size as a value; what goes wrong is one line that names it. */
import { parse } from "yaml";
import { InputError } from "../errors.ts";
import { type ReadTextOptions, readTextFile } from "./read-text-file.ts";

/** `undefined` for a file that is optional and does not exist, or holds nothing. */
export function readYamlFile(path: string, options: ReadTextOptions): unknown {
  const text = readTextFile(path, options);
  if (text === undefined) return undefined;
  try {
    return parse(text) ?? undefined;
  } catch (cause) {
    throw new InputError(`${path} is not YAML: ${(cause as Error).message.split("\n")[0]}`, { cause });
  }
}
