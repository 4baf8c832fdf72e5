/** The name that somebody gives to an uploaded file in, the name that it is kept under out. */
import { InputError } from "../errors.ts";
import { printable } from "../util/printable.ts";

/** Of most file systems, in UTF-8. */
const MAX_NAME_BYTES = 255;

/** Devices of Windows, whatever ending follows. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/** Controls, halves of characters, line separators, and marks that turn the order of letters on a screen around. */
const UNSEEN = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** In NFC. Throws InputError for what could lead out of a folder, hide there, or not be a file's name on another system. */
export function uploadName(given: string): string {
  const name = given.normalize("NFC");
  const fault = faultOf(name);
  if (fault === undefined) return name;
  throw new InputError(`${JSON.stringify(printable(name, 80))} is no name for a file: ${fault}`);
}

function faultOf(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (/[/\\]/.test(name)) return "it has a path in it";
  if (UNSEEN.test(name)) return "it has characters that are not seen";
  if (name.startsWith(".")) return "it begins with a dot";
  if (/[. ]$/.test(name) || name.startsWith(" "))
    return "it begins with a space, or ends with one or with a dot";
  if (RESERVED.test(name)) return "it is a device of Windows";
  if (process.platform === "win32" && /[<>:"|?*]/.test(name)) return 'it has one of < > : " | ? *';
  const bytes = Buffer.byteLength(name);
  return bytes > MAX_NAME_BYTES ? `it has ${bytes} bytes: ${MAX_NAME_BYTES} are the most` : undefined;
}
