/** Answers are quotes, and how to get others: one button downloads a model and has it answer. */
import { useNumbers, useTexts } from "../language/language.tsx";
import { errorText } from "../shell/failure-text.ts";
import { PullStatus } from "./pull-status.tsx";
import { type Models, offered } from "./use-models.ts";

export interface NoModelNoticeProps {
  models: Models;
  isLocal: boolean;
  onSettings: () => void;
}

export function NoModelNotice({ models, isLocal, onSettings }: NoModelNoticeProps) {
  const texts = useTexts();
  const { bytes } = useNumbers();
  const { known, pull, error, stop, use } = models;
  const model = offered(known);
  const size = model?.approximate_bytes ?? model?.bytes;
  return (
    <div className="no-model" role="status">
      <p>{texts.noModel}</p>
      {pull && <PullStatus pull={pull} onStop={stop} />}
      {error !== undefined && <p className="notice warning">{errorText(texts, error)}</p>}
      {isLocal && !pull && (
        <div className="row">
          {model && (
            <button type="button" className="button" onClick={() => void use(model)}>
              {model.state === "partial"
                ? texts.continueModel(model.id)
                : texts.getModel(model.id, bytes(size ?? 0))}
            </button>
          )}
          <button type="button" className="text-button" onClick={onSettings}>
            {texts.otherModels}
          </button>
        </div>
      )}
    </div>
  );
}
