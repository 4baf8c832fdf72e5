/**
 * llama.cpp has a library for each family of processors, and loads the best that the one at hand can run. Here another one
 * can be had, before anything else is loaded.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { locateLibraries } from "./locate-libraries.ts";

type Koffi = typeof import("koffi")["default"];

let isSilent = false;
/** Held: koffi unloads what nobody holds, and what is registered would go with it. */
let registry: ReturnType<Koffi["load"]> | undefined;

/** ggml announces each library it loads on stderr; errors come to us as statuses and nulls. */
export function silenceLog(koffi: Koffi): void {
  if (isSilent) return;
  isSilent = true;
  koffi.proto("void ggml_log_callback(int level, const char* text, void* user)");
  const callback = koffi.register(() => {}, "ggml_log_callback*");
  const set = "void ggml_log_set(ggml_log_callback* callback, void* user)";
  koffi.load(locateLibraries().base).func(set)(callback, null);
}

/**
 * Loads the first of these, "haswell" for example, that is there and that this processor can run. Nothing where a process
 * has a library already: ggml's registry is global to it, and the first one in it is the one that computes.
 */
export async function loadCpuLibrary(names: readonly string[]): Promise<void> {
  const koffi = (await import("koffi")).default;
  const paths = locateLibraries();
  // What the registry needs is found by its name where it is there already, also on Windows.
  koffi.load(paths.base);
  registry = koffi.load(paths.registry);
  if (registry.func("void* ggml_backend_reg_by_name(const char* name)")("CPU") !== null) return;
  silenceLog(koffi);
  const load = registry.func("void* ggml_backend_load(const char* path)");
  const files = readdirSync(paths.folder);
  for (const name of names) {
    const file = files.find((one) => one.includes(`ggml-cpu-${name}.`));
    if (file !== undefined && load(join(paths.folder, file)) !== null) return;
  }
}
