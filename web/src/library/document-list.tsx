/** The documents of the collection, what is linked to it, and how to take things out. */
import { useState } from "react";
import { titleOf } from "../answer/title-of-hit.ts";
import { deleteDocument, unlinkSource } from "../api/server.ts";
import type { DocumentInfo } from "../api/wire.ts";
import { useTexts } from "../language/language.tsx";
import { ConfirmButton } from "../shell/confirm-button.tsx";
import { Icon } from "../shell/icons.tsx";
import type { Library } from "./use-library.ts";

export interface DocumentListProps {
  library: Library;
  collection: string;
  onOpen: (document: DocumentInfo) => void;
}

/** More than people read; the others are found by their names. */
const SHOWN = 50;
const SEARCHED_FROM = 12;

export function DocumentList({ library, collection, onOpen }: DocumentListProps) {
  const texts = useTexts();
  const [words, setWords] = useState("");
  const { documents } = library;
  if (documents === undefined) return <p className="quiet">{library.error ? "" : texts.loading}</p>;
  const wanted = words.toLocaleLowerCase();
  const found = documents.filter((document) =>
    `${document.title ?? ""} ${document.source}`.toLocaleLowerCase().includes(wanted),
  );
  const sources = library.collections?.find(({ id }) => id === collection)?.sources ?? [];
  // The folder of what was uploaded is the server's own.
  const linked = sources.filter((source) => !/[\\/]uploads[\\/]?$/.test(source));
  return (
    <section className="documents">
      <h2>
        {texts.documentsTitle} <span className="count">{documents.length}</span>
      </h2>
      {documents.length > SEARCHED_FROM && (
        <input
          type="search"
          aria-label={texts.findDocument}
          placeholder={texts.findDocument}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      )}
      {documents.length === 0 && <p className="quiet">{texts.noDocuments}</p>}
      <ul className="rows">
        {found.slice(0, SHOWN).map((document) => (
          <li key={document.id}>
            <button
              type="button"
              className="row-main"
              title={document.source}
              onClick={() => onOpen(document)}
            >
              {titleOf(document)}
            </button>
            {document.uploaded && (
              <ConfirmButton
                label={texts.deleteDocument(titleOf(document))}
                question={texts.deleteDocumentSure}
                onConfirm={() => void library.change(() => deleteDocument(collection, document.id))}
              >
                <Icon name="trash" />
              </ConfirmButton>
            )}
          </li>
        ))}
      </ul>
      {found.length > SHOWN && <p className="quiet">{texts.moreDocuments(found.length - SHOWN)}</p>}
      {linked.length > 0 && (
        <>
          <h3>{texts.linked}</h3>
          <ul className="rows">
            {linked.map((source) => (
              <li key={source}>
                <span className="row-main path" title={source}>
                  <bdi>{source}</bdi>
                </span>
                <ConfirmButton
                  label={texts.unlink(source)}
                  question={texts.unlinkSure}
                  action={texts.unlinkAction}
                  onConfirm={() => void library.change(() => unlinkSource(collection, source))}
                >
                  <Icon name="unlink" />
                </ConfirmButton>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
