/** Where a model is to run, with how many threads, and how much of it on a GPU. */
import { availableParallelism } from "node:os";
import { InputError } from "../../errors.ts";
import { type Backend, type GpuMemory, openBackend } from "./bindings.ts";
import { ThreadChoice, threadCandidates } from "./decoding/thread-choice.ts";
import type { ModelHeader } from "./model-header.ts";

export interface DeviceOptions {
  /**
   * At most as many as there are cores. Default: as many as were fastest of late, at most one for each physical core.
   * Of two numbers of threads the last digits of log-probabilities differ: a fixed one makes a run repeatable.
   */
  threads?: number;
  /** `auto`: where there is one and the model is large enough to gain from it. Default `auto`. */
  gpu?: boolean | "auto";
}

const MIB = 2 ** 20;
/** A step of a small model with fewer tokens is one thread's work. */
const ALONE = 2;
/** The most tokens evaluated at once. */
export const BATCH_SIZE = 512;
/** On a CPU more at once are hardly faster, as long as nothing else runs there (32 are slower). */
const SMALL_CPU_BATCH = 64;
/**
 * From 64 on, attention on a CPU goes through blocks of 64 tokens, each of which looks at all cells that any of them sees:
 * answers among them would look at each other's, and a prompt at theirs.
 */
const MIXED_CPU_BATCH = 63;

/** The better one first: it has AVX-VNNI as well. Neither has AVX-512. */
const AVX2_LIBRARIES = ["alderlake", "haswell"];
/**
 * With AVX-512 attention of fewer than 64 tokens goes through a head in steps of so many numbers, and through what is left
 * number by number: beside 3,900 cells, heads of 32 take 21 ms a token, and 1.7 with AVX2. Prompts take a sixth longer.
 * (What `vikhr compile` makes has shorter steps, and neither fault: compile-library.ts.)
 */
const AVX512_STEP = 64;

/** For a model that writes text, the libraries to compute with, unless one is compiled. Of several models in a process the first one decides. */
export function cpuLibrariesFor({ keyLength }: Pick<ModelHeader, "keyLength">): readonly string[] {
  return keyLength < AVX512_STEP && process.arch === "x64" ? AVX2_LIBRARIES : [];
}

/**
 * Where a model is to run, and the bytes that there are for it, in all and there. `smallBatch`: fewer tokens at once cost
 * more each. `keepsCells`: to copy what a cell holds out of a GPU's memory takes about as long as to compute it.
 */
export async function chooseDevice(
  header: Pick<ModelHeader, "weightBytes">,
  options: DeviceOptions,
  cpuLibraries: readonly string[] = [],
) {
  checkThreads(options);
  const wanted = options.gpu ?? "auto";
  const gpu = wanted === "auto" && header.weightBytes < 256 * MIB ? false : wanted;
  const backend = await openBackend(gpu, cpuLibraries);
  const gpuMemory = await backend.gpuMemory();
  // Where the GPU computes in the machine's own memory, what it has free is the same.
  const ownMemory = gpuMemory?.isUnified ? undefined : gpuMemory?.free;
  const machine = process.availableMemory();
  return {
    backend,
    gpuMemory,
    threads: threadsFor(header, backend, options, gpuMemory !== undefined),
    smallBatch: gpuMemory === undefined ? SMALL_CPU_BATCH : BATCH_SIZE,
    mixedBatch: gpuMemory === undefined ? MIXED_CPU_BATCH : BATCH_SIZE,
    keepsCells: ownMemory !== undefined,
    available: machine + (ownMemory ?? 0),
    // A wide context is not worth that blocks go back to the processor for it.
    near: ownMemory ?? machine,
  };
}

/** As many blocks, and the output, as fit with a tenth to spare. `total`: bytes that the model takes with its context. */
export function layersOnGpu(blocks: number, total: number, memory: GpuMemory): number {
  if (memory === undefined) return 0;
  const layers = blocks + 1;
  return memory.isUnified ? layers : Math.min(layers, Math.floor((0.9 * layers * memory.free) / total));
}

/**
 * One token of a small model is computed in less time than threads take to wait for each other at every tensor: measured on
 * two cores, 0.25 ms with one thread; and on two shared ones 10.5 ms with one, 21 with two, 454 with four. One thread
 * also makes a single answer repeatable. With more tokens, and for larger models, what is fastest is found out as it runs:
 * beside a GPU, too, which may leave to the processor half of the model or next to nothing.
 */
function threadsFor(
  { weightBytes }: Pick<ModelHeader, "weightBytes">,
  { mathCores }: Backend,
  { threads }: DeviceOptions,
  onGpu: boolean,
): ThreadChoice {
  if (threads !== undefined) return new ThreadChoice([threads]);
  const cores = Math.max(1, Math.min(mathCores, availableParallelism()));
  const isSmall = weightBytes < 64 * MIB;
  const start = onGpu || weightBytes < 512 * MIB ? Math.min(2, cores) : cores;
  return new ThreadChoice(threadCandidates(cores), start, isSmall ? { alone: ALONE, patience: 2 } : {});
}

/** llama.cpp's threads wait for each other spinning: one without a core holds up all, a token then takes a second. */
function checkThreads({ threads }: DeviceOptions): void {
  const cores = availableParallelism();
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1 || threads > cores))
    throw new InputError(
      `threads is ${threads} and must be a whole number from 1 to ${cores}, as many as this machine has cores`,
    );
}
