/** `vikhr keys new`: a random key, once; its hashed line is for the file that `vikhr serve --api-key-file` reads. */
import { EXIT, InputError } from "../../errors.ts";
import { hashApiKey, newApiKey } from "../../server/access/api-keys.ts";
import { terminalJson } from "../../util/terminal-text.ts";

export function keysNew(name: string, flags: Record<string, unknown>): number {
  if (!/^[\p{L}\p{N}_.@-]{1,100}$/u.test(name))
    throw new InputError(
      `${JSON.stringify(name.slice(0, 120))} is no name for a key: use letters, digits, "_", "-", "." and "@"`,
    );
  const key = newApiKey();
  const hash = `sha256:${hashApiKey(key, name).toString("hex")}`;
  if (flags.json) process.stdout.write(`${terminalJson({ name, key, hash })}\n`);
  else {
    process.stderr.write(`vikhr: the key of ${name}, shown once: ${key}\n`);
    process.stdout.write(`- { name: ${JSON.stringify(name)}, hash: "${hash}" }\n`);
  }
  return EXIT.ok;
}
