/**
 * Whether models run on a kind of GPU here, found out in a process of its own: libraries that a driver starts but cannot
 * run end the process at the first tensor (seen on an H200: kernels made by a newer CUDA than its driver knows).
 */
import { lastWords, runChild } from "../../util/process/run-child.ts";
import { resolveModel } from "../registry/resolve-model.ts";
import type { GpuProbe } from "./probe-gpu-worker.ts";

/** Why a kind that the machine does not have is not used. */
export const NO_GPU = "there is none";

/** Nothing where the shipped model runs there, else why it does not. */
export async function probeGpu(gpu: GpuProbe["gpu"]): Promise<string | undefined> {
  let outcome: { problem?: string } | undefined;
  const input: GpuProbe = { gpu, path: resolveModel("nano").path };
  const end = await runChild(new URL("./probe-gpu-worker.ts", import.meta.url), {
    input,
    onMessage: (message) => {
      outcome = message as { problem?: string };
    },
  });
  return outcome ? outcome.problem : lastWords(end);
}
