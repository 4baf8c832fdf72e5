/**
 * Where node-llama-cpp keeps its ggml shared libraries for this machine. Their ABI belongs to the pinned version
 * of that package, so the version is checked here, before anything is called.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { VikhrError } from "../../errors.ts";

/** The version of node-llama-cpp whose headers bindings.ts was written from. */
export const SUPPORTED_VERSION = "3.22.1";

export interface GgmlLibraries {
  folder: string;
  /** Tensors and graphs. */
  base: string;
  /** The registry of backends. */
  registry: string;
}

/**
 * `gpu`: the kind of device that the libraries are to be made for. Throws VikhrError where there is no prebuilt library
 * for this platform, or its version is another one.
 */
export function locateLibraries(gpu: string | false = false): GgmlLibraries {
  const platform = process.platform === "darwin" ? "mac" : process.platform === "win32" ? "win" : "linux";
  const isMetal = platform === "mac" && process.arch === "arm64";
  const variant = `${platform}-${process.arch}${isMetal ? "-metal" : gpu === false ? "" : `-${gpu}`}`;
  const root = packageRoot(`@node-llama-cpp/${variant}`);
  if (!root)
    throw new VikhrError(
      `there are no prebuilt llama.cpp libraries of @node-llama-cpp/${variant}: run npm ci without --omit=optional, on a platform for which that package exists`,
    );
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  if (version !== SUPPORTED_VERSION)
    throw new VikhrError(
      `@node-llama-cpp/${variant} is ${version}, and vikhr is written for ${SUPPORTED_VERSION}: run npm ci`,
    );
  const folder = join(root, "bins", variant);
  return { folder, base: findLibrary(folder, "ggml-base"), registry: findLibrary(folder, "ggml") };
}

/** The path of a library of llama.cpp; some have a version, and the device that they are made for, in their names. */
export function findLibrary(folder: string, name: string): string {
  const pattern = new RegExp(`^(lib)?${name}(\\.[a-z]+)?(\\.v[\\d.]+)?\\.(so|dylib|dll)$`);
  const found = readdirSync(folder).find((file) => pattern.test(file));
  if (!found) throw new VikhrError(`there is no ${name} library in ${folder}: run npm ci`);
  return join(folder, found);
}

/** Found by folder and not by `require.resolve`: the package exports no package.json. */
function packageRoot(name: string): string | undefined {
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const nested = paths.map((path) => join(path, "node-llama-cpp", "node_modules"));
  return [...paths, ...nested]
    .map((path) => join(path, name))
    .find((path) => existsSync(join(path, "package.json")));
}
