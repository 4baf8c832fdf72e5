/**
 * The whole state of a run as one GGUF file, replaced whole: parameters, both moments, and where the run stands.
 * A run resumed from it goes on bit for bit as if it had not stopped.
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { metadataString, string } from "../gguf/metadata.ts";
import { quantize } from "../gguf/quantize.ts";
import { readGguf } from "../gguf/read-gguf.ts";
import { readTensorFloats } from "../gguf/read-tensor.ts";
import { type GgufTensor, writeGguf } from "../gguf/write-gguf.ts";
import type { Backend } from "../tensor/backend.ts";
import type { Optimizer } from "../tensor/optimizer.ts";

const runState = z.strictObject({
  /** Optimizer steps done. */
  step: z.int().nonnegative(),
  /** Clusters taken from the data, over all epochs. */
  clusters: z.int().nonnegative(),
  /** Those of them with sequences still to be trained on, and how many are done: `DataPlace` of pack.ts. */
  passed: z.array(z.strictObject({ cluster: z.int().nonnegative(), from: z.int().nonnegative() })).readonly(),
  /** Tokens trained on, padding not counted. */
  tokens: z.int().nonnegative(),
  /** Seconds of training so far, over all interruptions. */
  seconds: z.number().nonnegative(),
  /** Hash of the settings and data that the run was started with. */
  fingerprint: z.string(),
});

export type RunState = z.infer<typeof runState>;

const STATE_KEY = "vikhr.run_state";

export async function saveCheckpoint(
  path: string,
  state: RunState,
  backend: Backend,
  optimizer: Optimizer,
): Promise<void> {
  const tensors = optimizer.state.map(
    (t): GgufTensor => ({
      name: t.attributes.name,
      shape: t.shape,
      type: "F32",
      data: quantize("F32", backend.read(t)),
    }),
  );
  const metadata = new Map([
    ["general.architecture", string("vikhr-checkpoint")],
    [STATE_KEY, string(JSON.stringify(state))],
  ]);
  await writeGguf(path, { metadata, tensors });
}

/** Fills parameters and moments from the file; throws InputError where it belongs to another run. */
export function loadCheckpoint(
  path: string,
  fingerprint: string,
  backend: Backend,
  optimizer: Optimizer,
): RunState {
  const file = readGguf(path);
  const state = parseState(path, metadataString(file, STATE_KEY));
  if (state.fingerprint !== fingerprint)
    throw new InputError(
      `${path} belongs to a run with other settings or data: put the old config back, or choose another output_dir`,
    );
  for (const t of optimizer.state) backend.write(t, readTensorFloats(file, t.attributes.name));
  optimizer.steps = state.step;
  return state;
}

function parseState(path: string, text: string): RunState {
  try {
    return runState.parse(JSON.parse(text));
  } catch (cause) {
    throw new InputError(`${path} is no checkpoint of ours, or is damaged: remove it, or take another`, {
      cause,
    });
  }
}
