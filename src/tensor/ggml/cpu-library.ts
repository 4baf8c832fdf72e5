/**
 * llama.cpp has a library for each family of processors, and loads the best that the one at hand can run. Here another one
 * can be had, before anything else is loaded.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { compiledLibrary } from "./compiled/compiled-library.ts";
import { loadLibrary } from "./load-library.ts";
import { locateLibraries } from "./locate-libraries.ts";

type Koffi = typeof import("koffi")["default"];

/** Paths of ggml-base; that of a GPU is another one. */
const silenced = new Set<string>();
let callback: ReturnType<Koffi["register"]> | undefined;

/** ggml announces each library it loads on stderr; errors come to us as statuses and nulls. */
export function silenceLog(koffi: Koffi, base: string): void {
  if (silenced.has(base)) return;
  silenced.add(base);
  callback ??= koffi.register(() => {}, koffi.pointer(koffi.proto("void", ["int", "const char*", "void*"])));
  loadLibrary(koffi, base).func("void ggml_log_set(void* callback, void* user)")(callback, null);
}

/**
 * Loads the one that was compiled for this processor, or else the first of these, "haswell" for example, that npm has and
 * that it can run. Nothing where a process has a library already: ggml's registry is global to it, and the first one in it is
 * the one that computes. `gpu`: what else computes has a registry of its own.
 */
export async function loadCpuLibrary(names: readonly string[], gpu: string | false = false): Promise<void> {
  const compiled = compiledLibrary();
  const shipped = names.length === 0 ? [] : shippedLibraries(names, gpu);
  await loadFirst(compiled === undefined ? shipped : [compiled, ...shipped], gpu);
}

/** Loads the first of these paths that can be, where the process has no library yet; false where none is loaded. */
export async function loadFirst(
  candidates: readonly string[],
  gpu: string | false = false,
): Promise<boolean> {
  if (candidates.length === 0) return false;
  const koffi = (await import("koffi")).default;
  const paths = locateLibraries(gpu);
  // What the registry needs is found by its name where it is there already, also on Windows.
  loadLibrary(koffi, paths.base);
  const registry = loadLibrary(koffi, paths.registry);
  if (registry.func("void* ggml_backend_reg_by_name(const char* name)")("CPU") !== null) return false;
  silenceLog(koffi, paths.base);
  const load = registry.func("void* ggml_backend_load(const char* path)");
  return candidates.some((path) => load(path) !== null);
}

function shippedLibraries(names: readonly string[], gpu: string | false): string[] {
  const { folder } = locateLibraries(gpu);
  const files = readdirSync(folder);
  const of = (name: string) => files.filter((file) => file.includes(`ggml-cpu-${name}.`));
  return names.flatMap(of).map((file) => join(folder, file));
}
