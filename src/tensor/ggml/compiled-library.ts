/** llama.cpp's library for processors as `vikhr compile` has made it for this very one: where it lies. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../../util/cache-folder.ts";
import { SUPPORTED_VERSION } from "./locate-libraries.ts";

/** Tried on no other machines. */
export const canCompile = () => process.platform === "linux" && process.arch === "x64";

/** Its name says for which processor and version: a home folder may be on many machines. */
export function compiledLibraryPath(): string {
  const processor = createHash("sha256").update(describeProcessor()).digest("hex").slice(0, 12);
  return join(cacheFolder(), "vikhr", "libraries", `ggml-cpu-${SUPPORTED_VERSION}-${processor}.so`);
}

/** Its path, where it has been made. */
export function compiledLibrary(): string | undefined {
  if (!canCompile()) return undefined;
  const path = compiledLibraryPath();
  return existsSync(path) ? path : undefined;
}

/** In a virtual machine the model's name says little: what it can do counts. */
function describeProcessor(): string {
  const flags = readFileSync("/proc/cpuinfo", "utf8").match(/^flags\s*:(.*)$/m)?.[1] ?? "";
  return `${cpus()[0]?.model}\n${flags}`;
}
