/**
 * The peers, llama-bench and llama-server, from the very source that our engine's library was made of: node-llama-cpp
 * carries it as a git bundle. Needs git, CMake and a C++ compiler, and a quarter of an hour on two cores, once.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";

export interface Peers {
  bench: string;
  server: string;
}

const TOOLS = ["git", "cmake", "c++"];
const HOW_TO_INSTALL = "the peers need git, cmake and c++; on Debian: apt-get install git cmake g++";

/** Builds them in `folder` unless they are there; nothing where a tool for it is missing. */
export async function buildPeers(folder: string, note: (text: string) => void): Promise<Peers | undefined> {
  const binaries = join(folder, "build", "bin");
  const peers = { bench: join(binaries, "llama-bench"), server: join(binaries, "llama-server") };
  if (existsSync(peers.bench) && existsSync(peers.server)) return peers;
  for (const tool of TOOLS)
    if ((await exitCode(tool, ["--version"])) !== 0) {
      note(HOW_TO_INSTALL);
      return undefined;
    }
  note(`building llama-bench and llama-server in ${folder} ...`);
  mkdirSync(folder, { recursive: true });
  const source = join(folder, "llama.cpp");
  if (!existsSync(source)) await run("git", ["clone", "--quiet", bundle(), source]);
  const settings = ["-DCMAKE_BUILD_TYPE=Release", "-DLLAMA_BUILD_TESTS=OFF", "-DLLAMA_BUILD_EXAMPLES=OFF"];
  await run("cmake", ["-S", source, "-B", join(folder, "build"), ...settings]);
  const targets = ["--target", "llama-bench", "llama-server"];
  await run("cmake", ["--build", join(folder, "build"), ...targets, "-j", String(availableParallelism())]);
  return peers;
}

function bundle(): string {
  const entry = createRequire(import.meta.url).resolve("node-llama-cpp");
  return join(dirname(entry), "..", "llama", "gitRelease.bundle");
}

async function run(command: string, args: string[]): Promise<void> {
  const code = await exitCode(command, args);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: exit code ${code}`);
}

function exitCode(command: string, args: string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "inherit"] });
    child.once("error", () => resolve(-1));
    child.once("exit", (code) => resolve(code ?? -1));
  });
}
