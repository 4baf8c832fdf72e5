/** Settings -> where the models of a server come from: the one that they name, then any other by name. */
import { statSync } from "node:fs";
import type { LoadedModel } from "../../engine/embedded/open-embedded.ts";
import { listModels } from "../../engine/registry/list-models.ts";
import { pullModel } from "../../engine/registry/pull-model.ts";
import { resolveModel } from "../../engine/registry/resolve-model.ts";
import type { ModelSource } from "../../server/model-host.ts";
import type { LanguageModel } from "../../spec/language-model.ts";
import { openModel, QUOTES } from "../open-model.ts";
import type { Settings } from "../settings.ts";

export interface ModelListeners {
  /** Sees every model that is opened. */
  wrap: (model: LanguageModel) => LanguageModel;
  /** Told of every model that is loaded in this process. */
  onLoad: (loaded: LoadedModel) => void;
}

export function modelSource(settings: Settings, { wrap, onLoad }: ModelListeners): ModelSource {
  const { baseUrl: _, modelId: __, adapter: ___, ...rest } = settings;
  return {
    async open(name) {
      const model = await openModel(name === undefined ? settings : { ...rest, model: name }, onLoad);
      return model && wrap(model);
    },
    bytesOf: (name) => (name === QUOTES ? 0 : statSync(resolveModel(name).path).size),
    list: listModels,
    pull: pullModel,
    availableMemory: () => process.availableMemory(),
  };
}
