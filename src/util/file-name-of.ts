/** A name from anywhere -> a file name of its own, which leads nowhere else. */
import { InputError } from "../errors.ts";

/** Of 255 bytes; the rest is for endings and temporary names. */
const MOST_BYTES = 200;

/** Letters, digits and `-_~` stay, dots inside too; the rest is `%` and its bytes in hexadecimal. */
export function fileNameOf(name: string): string {
  // JSON may hold half of a surrogate pair.
  const wellFormed = Buffer.from(name, "utf8").toString("utf8");
  const encoded = encodeURIComponent(wellFormed).replace(
    /[!'()*]|^\.|\.$/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  if (encoded === "" || encoded.length > MOST_BYTES)
    throw new InputError(`${JSON.stringify(name.slice(0, 80))} cannot name a file: choose a shorter name`);
  return encoded;
}

/** The way back; what was named otherwise stays as it is. */
export function nameOfFile(fileName: string): string {
  try {
    return decodeURIComponent(fileName);
  } catch {
    return fileName;
  }
}
