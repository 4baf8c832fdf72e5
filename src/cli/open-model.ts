/** Settings -> the model they name, ready to be asked. The one place of the command line that makes an engine. */
import type { LoadedModel } from "../engine/embedded/open-embedded.ts";
import { InputError } from "../errors.ts";
import type { LanguageModel } from "../spec/language-model.ts";
import { formatBytes } from "../util/format-quantity.ts";
import { terminalLine } from "../util/terminal-text.ts";
import type { Settings } from "./settings.ts";

export const QUOTES = "quotes";

/** The small model that ships. */
export const NANO = "nano";

/** How to get written answers, for those who did not choose a model. */
export const QUOTES_HINT =
  "no model is configured, so the answer is quoted from the documents; for written answers: vikhr models pull vikhr-8b, then --model vikhr-8b";

/** `undefined` stands for quotes, which need no model. `onLoad` is told of a model that is loaded in this process. */
export async function openModel(
  settings: Settings,
  onLoad?: (loaded: LoadedModel) => void,
): Promise<LanguageModel | undefined> {
  const { model, baseUrl, modelId, api, apiKey, contextSize, kvType, threads, adapter } = settings;
  if (adapter !== undefined && (baseUrl !== undefined || model === undefined || model === QUOTES))
    throw new InputError("--adapter changes a model on this machine: name one with --model");
  if (baseUrl !== undefined) {
    if (modelId === undefined)
      throw new InputError(
        `which model of ${baseUrl.join(", ")}? give --model-id, or model-id in the config file`,
      );
    const remote = {
      modelId,
      // Somebody waits: what is not back after a second or two is said.
      retries: 2,
      ...(api !== undefined && { mode: api }),
      ...(apiKey !== undefined && { apiKey }),
      ...(contextSize !== undefined && { contextSize }),
    };
    const [only, ...others] = baseUrl;
    if (only !== undefined && others.length === 0) {
      const { openRemote } = await import("../engine/remote/open-remote.ts");
      return openRemote({ baseUrl: only, ...remote });
    }
    const { openRouted } = await import("../engine/routing/open-routed.ts");
    return openRouted({ baseUrls: baseUrl, ...remote, onChange: sayServer });
  }
  if (model === undefined || model === QUOTES) return undefined;
  const { resolveModel } = await import("../engine/registry/resolve-model.ts");
  const { path, name } = resolveModel(model);
  const { openEmbedded } = await import("../engine/embedded/open-embedded.ts");
  return openEmbedded(path, {
    // Of a file the engine makes a short name.
    ...(path !== name && { name }),
    ...(contextSize !== undefined && { contextSize }),
    ...(kvType !== undefined && { kvType }),
    ...(threads !== undefined && { threads }),
    ...(adapter !== undefined && { adapters: adapter }),
    ...(onLoad && { onLoad }),
  });
}

/** Whoever runs several servers wants to know of each. */
function sayServer(name: string, failure: unknown): void {
  const what =
    failure === undefined
      ? `${name} answers again`
      : `left out until it answers: ${failure instanceof Error ? failure.message : String(failure)}`;
  process.stderr.write(`vikhr: ${terminalLine(what)}\n`);
}

/** Tells people in front of a terminal what was chosen for the model. */
export function sayLoaded(loaded: LoadedModel): void {
  if (process.stderr.isTTY) process.stderr.write(`vikhr: ${terminalLine(describeLoaded(loaded))}\n`);
}

/** On one line: the context and why so much, what it takes, where it runs. */
export function describeLoaded(loaded: LoadedModel): string {
  const { name, contextSize, trained, isAsked, available, kvType, memory, threads } = loaded;
  const { gpuLayers, layers, gpuProblem } = loaded;
  const count = (tokens: number) => tokens.toLocaleString("en");
  const why =
    contextSize === trained
      ? "all that it was trained for"
      : `trained for ${count(trained)}; ${isAsked ? "as asked" : `${formatBytes(available)} are free`}`;
  const unused = gpuProblem === undefined ? "" : ` (the GPU cannot be used: ${gpuProblem})`;
  const processor = `CPU with ${threads === 1 ? "1 thread" : `up to ${threads} threads`}${unused}`;
  const where =
    gpuLayers === 0
      ? processor
      : gpuLayers === layers
        ? "GPU"
        : `GPU for ${gpuLayers} of ${layers} layers, else ${processor}`;
  return `${name}: a context of ${count(contextSize)} tokens in ${kvType} (${why}), ${formatBytes(memory)} of memory, ${where}`;
}

/** For people: what `openModel` would open. */
export function describeModel({ model = QUOTES, baseUrl, modelId }: Settings): string {
  if (baseUrl !== undefined) return `${modelId ?? "a model"} at ${baseUrl.join(", ")}`;
  return model === QUOTES ? "quotes from the documents, without a model" : model;
}
