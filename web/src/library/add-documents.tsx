/** Files are dropped or chosen; folders and addresses are linked, where the server is the person's own. */
import { type FormEvent, useRef, useState } from "react";
import { useTexts } from "../language/language.tsx";
import { errorText } from "../shell/failure-text.ts";
import { IngestionProgress } from "./ingestion-progress.tsx";
import type { Library } from "./use-library.ts";

export interface AddDocumentsProps {
  library: Library;
  isLocal: boolean;
  isOnline: boolean;
}

export function AddDocuments({ library, isLocal, isOnline }: AddDocumentsProps) {
  const texts = useTexts();
  const input = useRef<HTMLInputElement>(null);
  const [location, setLocation] = useState("");
  const { ingestion } = library;
  const isAdding = ingestion !== undefined && !ingestion.report && ingestion.error === undefined;

  function link(event: FormEvent): void {
    event.preventDefault();
    const source = location.trim();
    if (source === "" || isAdding) return;
    setLocation("");
    void library.add({ sources: [source] });
  }

  return (
    <section className="add" aria-label={texts.addFiles}>
      <div className="drop">
        <p>
          {texts.dropHere}{" "}
          <button
            type="button"
            className="link-button"
            disabled={isAdding || !isOnline}
            onClick={() => input.current?.click()}
          >
            {texts.chooseFiles}
          </button>
        </p>
        <p className="quiet">{texts.formats}</p>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label={texts.addFiles}
          onChange={(event) => {
            const files = [...(event.target.files ?? [])];
            event.target.value = "";
            if (files.length > 0) void library.add(files);
          }}
        />
      </div>
      <div role="status">
        {ingestion && (
          <IngestionProgress ingestion={ingestion} onStop={library.stopAdding} onDismiss={library.dismiss} />
        )}
        {library.error !== undefined && isOnline && (
          <p className="notice warning">{errorText(texts, library.error)}</p>
        )}
      </div>
      {isLocal && (
        <details>
          <summary>{texts.linkTitle}</summary>
          <form className="row" onSubmit={link}>
            <input
              aria-label={texts.linkLabel}
              placeholder={texts.linkLabel}
              value={location}
              onChange={(event) => setLocation(event.target.value)}
            />
            <button type="submit" className="button" disabled={isAdding || !isOnline}>
              {texts.link}
            </button>
          </form>
        </details>
      )}
    </section>
  );
}
