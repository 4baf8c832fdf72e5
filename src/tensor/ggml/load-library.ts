/** Native libraries stay: koffi unloads one that nobody holds, and ggml ends the process that loads it a second time. */
import type koffi from "koffi";

type Koffi = typeof koffi;
type Library = ReturnType<Koffi["load"]>;

const held = new Set<Library>();

/** Loads it, or finds it where it is loaded already. `global`: its names are there for libraries that are loaded later. */
export function loadLibrary(koffi: Koffi, path: string, options: { global?: boolean } = {}): Library {
  const library = koffi.load(path, options);
  held.add(library);
  return library;
}
