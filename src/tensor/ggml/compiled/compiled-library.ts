/** llama.cpp's library for processors as `vikhr compile` has made it for this very one: where it lies. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../../../util/cache-folder.ts";
import { processorFlags } from "../../../util/processor-flags.ts";
import { SUPPORTED_VERSION } from "../locate-libraries.ts";

/** Tried on no other machines. */
export const canCompile = () => process.platform === "linux" && process.arch === "x64";

/** Its name says for which processor and version: a home folder may be on many machines. */
export function compiledLibraryPath(): string {
  // In a virtual machine the model's name says little: what it can do counts.
  const description = [cpus()[0]?.model, ...(processorFlags() ?? [])].join(" ");
  const processor = createHash("sha256").update(description).digest("hex").slice(0, 12);
  return join(cacheFolder(), "vikhr", "libraries", `ggml-cpu-${SUPPORTED_VERSION}-${processor}.so`);
}

/** Its path, where it has been made. */
export function compiledLibrary(): string | undefined {
  if (!canCompile()) return undefined;
  const path = compiledLibraryPath();
  return existsSync(path) ? path : undefined;
}
