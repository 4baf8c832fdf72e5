/** The `model` of a request in, what answers it out. */
import { OverloadedError } from "../../errors.ts";
import type { LanguageModel } from "../../spec/language-model.ts";
import { RequestError } from "../openai-error.ts";
import type { ServerParts } from "../server-parts.ts";

/** Documents are quoted under this name, also where a model is loaded. */
export const QUOTES = "quotes";

/** `undefined`: quotes. Throws OverloadedError where the model takes no more. Answers of another model than was asked for would be a lie: RequestError, 404. */
export function modelNamed(
  parts: Pick<ServerParts, "model">,
  name: string | null | undefined,
): LanguageModel | undefined {
  const model = parts.model();
  if (name == null || name === "" || name === model?.name) {
    // Before anything is done for the request: who is refused is to hear it at once.
    if (model?.isFull) throw new OverloadedError();
    return model;
  }
  if (name === QUOTES) return undefined;
  const known = [...(model ? [model.name] : []), QUOTES].join(", ");
  throw new RequestError(`there is no model ${JSON.stringify(name.slice(0, 100))} here: ask ${known}`, {
    status: 404,
    param: "model",
    code: "model_not_found",
  });
}

/** For what cannot be quoted. */
export function noModel(): never {
  throw new RequestError(
    "no model is loaded, so only documents can be asked: start the server with --model",
    {
      status: 503,
      code: "no_model",
    },
  );
}
