/** How far a model is downloaded, and how long it takes yet. */
import { useNumbers, useTexts } from "../language/language.tsx";
import type { Pull } from "./use-models.ts";

export function PullStatus({ pull: { model, progress }, onStop }: { pull: Pull; onStop: () => void }) {
  const texts = useTexts();
  const { bytes } = useNumbers();
  if (!progress) return <p>{texts.loadingModel(model)}</p>;
  const { downloaded_bytes, total_bytes, eta_seconds } = progress;
  return (
    <div className="pull">
      <label>
        {texts.pulling(model)}
        <progress value={downloaded_bytes} max={Math.max(1, total_bytes)} />
      </label>
      <span className="quiet">
        {bytes(downloaded_bytes)} / {bytes(total_bytes)}
        {typeof eta_seconds === "number" && ` · ${texts.timeLeft(eta_seconds)}`}
      </span>
      <button type="button" className="text-button" onClick={onStop}>
        {texts.cancel}
      </button>
    </div>
  );
}
