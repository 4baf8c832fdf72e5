/** A source beside the answer: its text with the cited place marked and in view, and the way to the file itself. */
import { useEffect, useRef, useState } from "react";
import { titleOf } from "../answer/title-of-hit.ts";
import { RequestFailed } from "../api/client.ts";
import { readDocument } from "../api/server.ts";
import type { DocumentText } from "../api/wire.ts";
import { useTexts } from "../language/language.tsx";
import { Icon } from "../shell/icons.tsx";
import { FileLink } from "./file-link.tsx";
import type { OpenSource } from "./open-source.ts";
import { SourceText } from "./source-text.tsx";
import { pageAt } from "./split-text.ts";

export interface SourcePanelProps {
  open: OpenSource;
  onClose: () => void;
}

type Read = { of: OpenSource; document?: DocumentText; error?: unknown };

export default function SourcePanel({ open, onClose }: SourcePanelProps) {
  const texts = useTexts();
  const [read, setRead] = useState<Read>();
  const heading = useRef<HTMLHeadingElement>(null);
  const { collection, hit, source } = open;

  useEffect(() => {
    heading.current?.focus();
    const controller = new AbortController();
    readDocument(collection, open.hit.document, controller.signal).then(
      (document) => setRead({ of: open, document }),
      (error: unknown) => {
        if (!controller.signal.aborted) setRead({ of: open, error });
      },
    );
    return () => controller.abort();
  }, [open, collection]);

  const { document, error } = read?.of === open ? read : {};
  const isWhole = document !== undefined && !document.changed;
  const place = source?.file ?? {
    start: hit.start + (source?.start ?? 0),
    end: source ? hit.start + source.end : hit.end,
  };
  const pageStarts = isWhole ? document.page_starts : null;
  const page = source?.file?.page ?? hit.page ?? (pageStarts ? pageAt(pageStarts, place.start) : undefined);

  return (
    <aside className="panel" aria-label={texts.sourcePanel}>
      <header className="panel-header">
        <h2 ref={heading} tabIndex={-1}>
          {titleOf(hit)}
        </h2>
        <button
          type="button"
          className="icon-button"
          aria-label={texts.close}
          title={texts.close}
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
        <p className="panel-source">
          <bdi>{hit.source}</bdi>
        </p>
        <p className="row">
          {page !== undefined && <span className="panel-page">{texts.page(page)}</span>}
          <FileLink
            collection={collection}
            id={hit.document}
            source={hit.source}
            page={pageStarts ? page : undefined}
          />
        </p>
      </header>
      {document?.changed && <p className="notice warning">{texts.sourceChanged}</p>}
      {error !== undefined && (
        <p className="notice warning">
          {error instanceof RequestFailed && error.failure === "refused"
            ? texts.sourceGone
            : texts.passageOnly}
        </p>
      )}
      {isWhole ? (
        <SourceText
          text={document.text}
          format={document.format}
          pageStarts={pageStarts}
          place={hit.text === "" && !source ? undefined : place}
        />
      ) : (
        <SourceText
          text={hit.text}
          format={hit.format}
          pageStarts={null}
          place={source ?? { start: 0, end: hit.text.length }}
        />
      )}
    </aside>
  );
}
