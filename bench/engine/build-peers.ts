/**
 * The peers, llama-bench and llama-server, from the very source that our engine's library was made of: node-llama-cpp
 * carries it as a git bundle. Needs git, CMake and a C++ compiler, and a quarter of an hour on two cores, once.
 */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { InputError } from "../../src/errors.ts";
import { checkTools, cloneLlamaCpp } from "../../src/tensor/ggml/compiled/compile-library.ts";
import { runTool } from "../../src/util/process/run-tool.ts";

export interface Peers {
  bench: string;
  server: string;
}

/** Builds them in `folder` unless they are there; nothing where a tool for it is missing. */
export async function buildPeers(folder: string, note: (text: string) => void): Promise<Peers | undefined> {
  const binaries = join(folder, "build", "bin");
  const peers = { bench: join(binaries, "llama-bench"), server: join(binaries, "llama-server") };
  if (existsSync(peers.bench) && existsSync(peers.server)) return peers;
  try {
    await checkTools();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    note(`no peers: ${error.message}`);
    return undefined;
  }
  note(`building llama-bench and llama-server in ${folder} ...`);
  mkdirSync(folder, { recursive: true });
  const source = join(folder, "llama.cpp");
  if (!existsSync(join(source, "CMakeLists.txt"))) {
    // One that was stopped has no files yet.
    rmSync(source, { recursive: true, force: true });
    await cloneLlamaCpp(source, ["."]);
  }
  const settings = ["-DCMAKE_BUILD_TYPE=Release", "-DLLAMA_BUILD_TESTS=OFF", "-DLLAMA_BUILD_EXAMPLES=OFF"];
  await runTool("cmake", ["-S", source, "-B", join(folder, "build"), ...settings]);
  const targets = ["--target", "llama-bench", "llama-server"];
  await runTool("cmake", [
    "--build",
    join(folder, "build"),
    ...targets,
    "-j",
    String(availableParallelism()),
  ]);
  return peers;
}
