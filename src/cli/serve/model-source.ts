/** Settings -> where the models of a server come from: the one that they name, then any other by name. */
import { statSync } from "node:fs";
import { listModels } from "../../engine/registry/list-models.ts";
import { pullModel } from "../../engine/registry/pull-model.ts";
import { resolveModel } from "../../engine/registry/resolve-model.ts";
import type { ModelSource } from "../../server/model-host.ts";
import type { LanguageModel } from "../../spec/language-model.ts";
import { openModel, QUOTES, sayLoaded } from "../open-model.ts";
import type { Settings } from "../settings.ts";

/** `wrap` sees every model that is opened. */
export function modelSource(settings: Settings, wrap: (model: LanguageModel) => LanguageModel): ModelSource {
  const { baseUrl: _, modelId: __, adapter: ___, ...rest } = settings;
  return {
    async open(name) {
      const model = await openModel(name === undefined ? settings : { ...rest, model: name }, sayLoaded);
      return model && wrap(model);
    },
    bytesOf: (name) => (name === QUOTES ? 0 : statSync(resolveModel(name).path).size),
    list: listModels,
    pull: pullModel,
    availableMemory: () => process.availableMemory(),
  };
}
