/** How far the reading of added files is; then what came of it, and which files could not be read and why. */
import { useTexts } from "../language/language.tsx";
import { errorText } from "../shell/failure-text.ts";
import type { Ingestion } from "./use-library.ts";

export interface IngestionProgressProps {
  ingestion: Ingestion;
  onStop: () => void;
  onDismiss: () => void;
}

const baseName = (path: string) => path.split(/[\\/]/).at(-1) || path;

export function IngestionProgress({ ingestion, onStop, onDismiss }: IngestionProgressProps) {
  const texts = useTexts();
  const { progress, report, error } = ingestion;
  if (error !== undefined)
    return (
      <div className="ingestion">
        <p className="notice warning">{errorText(texts, error)}</p>
        <button type="button" className="text-button" onClick={onDismiss}>
          {texts.close}
        </button>
      </div>
    );
  if (report) {
    const added = report.added + report.replaced;
    const isNothing = added === 0 && report.failed.length === 0;
    return (
      <div className="ingestion">
        <p>{isNothing ? texts.ingestedNothing : texts.ingested(added)}</p>
        {report.failed.length > 0 && (
          <>
            <p className="notice warning">{texts.notRead(report.failed.length)}</p>
            <ul className="failed">
              {report.failed.map(({ path, reason }) => (
                <li key={path}>
                  <strong>{baseName(path)}</strong> {reason}
                </li>
              ))}
            </ul>
          </>
        )}
        <button type="button" className="text-button" onClick={onDismiss}>
          {texts.close}
        </button>
      </div>
    );
  }
  const label = progress ? texts.ingesting(progress.files, progress.total_files) : texts.uploading;
  return (
    <div className="ingestion">
      <label>
        {label}
        <progress
          {...(progress && progress.total_bytes > 0 && { value: progress.bytes, max: progress.total_bytes })}
        />
      </label>
      <button type="button" className="text-button" onClick={onStop}>
        {texts.cancel}
      </button>
    </div>
  );
}
