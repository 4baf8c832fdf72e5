/**
 * Where node-llama-cpp keeps its ggml shared libraries for this machine. Their ABI belongs to the pinned version
 * of that package, so the version is checked here, before anything is called.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { VikhrError } from "../../errors.ts";

/** The version whose headers bindings.ts was written from. */
const SUPPORTED_VERSION = "3.22.1";

export interface GgmlLibraries {
  folder: string;
  /** Tensors and graphs. */
  base: string;
  /** The registry of backends. */
  registry: string;
}

/** Throws VikhrError where there is no prebuilt library for this platform, or its version is another one. */
export function locateLibraries(): GgmlLibraries {
  const platform = process.platform === "darwin" ? "mac" : process.platform === "win32" ? "win" : "linux";
  const variant =
    platform === "mac" && process.arch === "arm64" ? "mac-arm64-metal" : `${platform}-${process.arch}`;
  const root = packageRoot(`@node-llama-cpp/${variant}`);
  if (!root)
    throw new VikhrError(
      `training needs the prebuilt ggml libraries of @node-llama-cpp/${variant}: run npm ci without --omit=optional, on a platform for which that package exists`,
    );
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  if (version !== SUPPORTED_VERSION)
    throw new VikhrError(
      `@node-llama-cpp/${variant} is ${version}, and training is written for ${SUPPORTED_VERSION}: run npm ci`,
    );
  const folder = join(root, "bins", variant);
  const names = readdirSync(folder);
  const find = (pattern: RegExp) => {
    const name = names.find((n) => pattern.test(n));
    if (!name) throw new VikhrError(`no ${pattern.source} in ${folder}: run npm ci`);
    return join(folder, name);
  };
  return {
    folder,
    base: find(/^(lib)?ggml-base[^/]*\.(so|dylib|dll)$/),
    registry: find(/^(lib)?ggml(\.v[\d.]+)?\.(so|dylib|dll)$/),
  };
}

/** Found by folder and not by `require.resolve`: the package exports no package.json. */
function packageRoot(name: string): string | undefined {
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const nested = paths.map((path) => join(path, "node-llama-cpp", "node_modules"));
  return [...paths, ...nested]
    .map((path) => join(path, name))
    .find((path) => existsSync(join(path, "package.json")));
}
