/** The models that the server knows: which one answers, and a button for each of the others. */
import type { KnownModel } from "../api/wire.ts";
import { useNumbers, useTexts } from "../language/language.tsx";
import { errorText } from "../shell/failure-text.ts";
import { PullStatus } from "./pull-status.tsx";
import type { Models } from "./use-models.ts";

export interface ModelListProps {
  models: Models;
  isLocal: boolean;
  current: string | null;
}

export function ModelList({ models, isLocal, current }: ModelListProps) {
  const texts = useTexts();
  const { known, pull, error, stop, use } = models;
  if (!isLocal)
    return (
      <>
        <p>
          <strong>{current ?? texts.quotesName}</strong>
        </p>
        <p className="quiet">{texts.modelsElsewhere}</p>
      </>
    );
  return (
    <>
      <ul className="models">
        {known?.map((model) => (
          <ModelRow key={model.id} model={model} isBusy={pull !== undefined} onUse={() => void use(model)} />
        ))}
      </ul>
      <div role="status">
        {pull && <PullStatus pull={pull} onStop={stop} />}
        {error !== undefined && <p className="notice warning">{errorText(texts, error)}</p>}
      </div>
    </>
  );
}

function ModelRow({ model, isBusy, onUse }: { model: KnownModel; isBusy: boolean; onUse: () => void }) {
  const texts = useTexts();
  const { bytes: format } = useNumbers();
  const { id, description, state, bytes, approximate_bytes } = model;
  const stateText = {
    loaded: texts.modelInUse,
    ready: texts.modelReady,
    partial: texts.modelPartial(format(bytes ?? 0)),
    absent: texts.modelAbsent(format(approximate_bytes ?? bytes ?? 0)),
  }[state];
  return (
    <li>
      <span className="model-name">{id}</span>
      <span className="quiet">
        {description} · {stateText}
      </span>
      {state !== "loaded" && (
        <button
          type="button"
          className="button"
          disabled={isBusy}
          onClick={onUse}
          aria-label={`${state === "ready" ? texts.useModel : texts.download}: ${id}`}
        >
          {state === "ready" ? texts.useModel : texts.download}
        </button>
      )}
    </li>
  );
}
