/**
 * llama.cpp's library for processors, compiled for this very one. node-llama-cpp brings the source that npm's libraries are
 * made of, as a git bundle; an old compiler made those, which run on any processor of a family. Products of quantized weights
 * are our own.
 */
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError, VikhrError } from "../../../errors.ts";
import { makeFolder } from "../../../util/make-folder.ts";
import { runTool } from "../../../util/process/run-tool.ts";
import { writeFileAtomic } from "../../../util/write-file-atomic.ts";
import { canCompile, compiledLibraryPath } from "./compiled-library.ts";

export interface CompileOptions {
  /** Stops the compiler; nothing is left behind. */
  signal?: AbortSignal | undefined;
  /** `share`: from 0 to 1. */
  onProgress?(share: number): void;
  /** Throws where the library, which lies at `path` for now, computes what it should not: it is not kept then. */
  check?(path: string): Promise<void>;
}

const TOOLS = ["git", "cmake", "c++"];

/** Stays where it is: what is built of the sources beside it holds no C++. */
const PRODUCTS = fileURLToPath(
  new URL("../../../../src/tensor/ggml/compiled/quantized-products.cpp", import.meta.url),
);

/** llama.cpp's functions that are replaced by those of the same names there. */
const REPLACED = ["ggml_gemm_q4_0_8x8_q8_0", "ggml_gemv_q4_0_8x8_q8_0"];

/** On x64 llama.cpp has no functions of its own for columns of Q8_0 side by side, and so does not put them there. */
const CHANGES: { file: string; from: RegExp; to: string }[] = [
  { file: "arch-fallback.h", from: /^#define ggml_gem[mv]_q8_0_4x8_q8_0_generic .*$/gm, to: "" },
  {
    file: "repack.cpp",
    from: /cur->type == GGML_TYPE_Q8_0\) \{$/gm,
    to: "$& if (ggml_cpu_has_avx512_vnni() && cur->ne[1] % 4 == 0) return &q8_0_4x8_q8_0;",
  },
];

/**
 * Makes it, in half a minute on two cores, and returns its path. Throws InputError on other machines than Linux on x64, or
 * where a tool is missing.
 */
export async function compileLibrary(options: CompileOptions = {}): Promise<string> {
  if (!canCompile())
    throw new InputError(
      `only on Linux on x64 can it be compiled, and this is ${process.platform} on ${process.arch}`,
    );
  await checkTools();
  const folder = await mkdtemp(join(tmpdir(), "vikhr-compile-"));
  try {
    const draft = await build(folder, options);
    await options.check?.(draft);
    options.signal?.throwIfAborted();
    const path = compiledLibraryPath();
    makeFolder(dirname(path));
    await writeFileAtomic(path, await readFile(draft));
    return path;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Throws InputError where one is missing. */
export async function checkTools(): Promise<void> {
  for (const tool of TOOLS)
    await runTool(tool, ["--version"]).catch((cause) => {
      throw new InputError(
        `there is no ${tool}, and ${TOOLS.join(", ")} are needed: on Debian, apt-get install git cmake g++`,
        { cause },
      );
    });
}

/** llama.cpp as npm's libraries were made of it, into a new folder; of its files only those below `paths`. */
export async function cloneLlamaCpp(
  folder: string,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const entry = createRequire(import.meta.url).resolve("node-llama-cpp");
  const bundle = join(dirname(entry), "..", "llama", "gitRelease.bundle");
  await runTool("git", ["clone", "--quiet", "--no-checkout", bundle, folder], { signal });
  await runTool("git", ["-C", folder, "checkout", "--quiet", "HEAD", "--", ...paths], { signal });
}

async function build(folder: string, { signal, onProgress }: CompileOptions): Promise<string> {
  const [source, binaries] = [join(folder, "llama.cpp"), join(folder, "build")];
  const header = join(folder, "short-steps.h");
  await cloneLlamaCpp(source, ["ggml"], signal);
  await change(join(source, "ggml", "src", "ggml-cpu"));
  await writeFile(header, shortSteps(source));
  await copyFile(PRODUCTS, join(folder, "quantized-products.cpp"));
  await writeFile(join(folder, "CMakeLists.txt"), project(source, header));
  await runTool("cmake", ["-S", folder, "-B", binaries, "-DCMAKE_BUILD_TYPE=Release"], { signal });
  await runTool(
    "cmake",
    ["--build", binaries, "--target", "ggml-cpu", "--parallel", String(availableParallelism())],
    {
      signal,
      onLine(line) {
        const percent = /^\[ *(\d+)%\]/.exec(line)?.[1];
        if (percent !== undefined) onProgress?.(Number(percent) / 100);
      },
    },
  );
  return join(binaries, "bin", "libggml-cpu.so");
}

async function change(folder: string): Promise<void> {
  for (const { file, from, to } of CHANGES) {
    const path = join(folder, file);
    const before = await readFile(path, "utf8");
    const after = before.replace(from, to);
    if (after === before) throw new VikhrError(`there is nothing like ${from} in llama.cpp's ${file}`);
    await writeFile(path, after);
  }
}

/**
 * Attention of few tokens is in vec.cpp and ops.cpp. With AVX-512 it goes through a head in steps of 64 numbers (128 with FP16),
 * and through what is left number by number, so that heads of 32 take twelve times as long as they need to. With steps of
 * 32 they do not, and wide heads lose nothing.
 */
const shortSteps = (source: string) => `
#include "${source}/ggml/src/ggml-cpu/simd-mappings.h"
#if defined(__AVX512F__)
#undef GGML_F32_STEP
#undef GGML_F16_STEP
#define GGML_F32_STEP 32
#define GGML_F16_STEP 32
#endif
`;

const project = (source: string, header: string) => `
cmake_minimum_required(VERSION 3.18)
project(vikhr_ggml_cpu C CXX)
# The names that npm's libraries have: it is loaded beside them.
set(CMAKE_PLATFORM_NO_VERSIONED_SONAME ON)
set(CMAKE_SKIP_RPATH ON)
set(BUILD_SHARED_LIBS ON)
set(GGML_BACKEND_DL ON)
set(GGML_NATIVE OFF)
set(GGML_OPENMP OFF)
set(GGML_LLAMAFILE ON)
set(GGML_LTO ON)
add_compile_options(-march=native -fno-semantic-interposition)
add_subdirectory("${source}/ggml" ggml)
set_source_files_properties("${source}/ggml/src/ggml-cpu/ops.cpp" "${source}/ggml/src/ggml-cpu/vec.cpp"
  TARGET_DIRECTORY ggml-cpu PROPERTIES COMPILE_OPTIONS "-include;${header}")
set_source_files_properties("${source}/ggml/src/ggml-cpu/arch/x86/repack.cpp"
  TARGET_DIRECTORY ggml-cpu PROPERTIES COMPILE_DEFINITIONS "${REPLACED.map((name) => `${name}=${name}_replaced`).join(";")}")
target_sources(ggml-cpu PRIVATE "\${CMAKE_SOURCE_DIR}/quantized-products.cpp")
`;
