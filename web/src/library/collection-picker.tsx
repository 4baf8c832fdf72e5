/** Which collection is asked; a new one is made, an old one deleted. */
import { type FormEvent, useEffect, useRef, useState } from "react";
import { deleteCollection } from "../api/server.ts";
import { useTexts } from "../language/language.tsx";
import { ConfirmButton } from "../shell/confirm-button.tsx";
import { Icon } from "../shell/icons.tsx";
import type { Library } from "./use-library.ts";

export interface CollectionPickerProps {
  library: Library;
  collection: string;
  onPick: (collection: string) => void;
}

export function CollectionPicker({ library, collection, onPick }: CollectionPickerProps) {
  const texts = useTexts();
  const [name, setName] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  const isNaming = name !== undefined;
  const all = library.collections ?? [];
  const isThere = all.some(({ id }) => id === collection);

  useEffect(() => {
    if (isNaming) input.current?.focus();
  }, [isNaming]);

  async function create(event: FormEvent): Promise<void> {
    event.preventDefault();
    const wanted = name?.trim().normalize("NFC") ?? "";
    if (wanted === "" || !(await library.make(wanted))) return;
    setName(undefined);
    onPick(wanted);
  }

  async function remove(): Promise<void> {
    await library.change(() => deleteCollection(collection));
    onPick(all.find(({ id }) => id !== collection)?.id ?? "default");
  }

  return (
    <section className="collections">
      <h2>
        <label htmlFor="collection">{texts.collection}</label>
      </h2>
      <div className="row">
        <select id="collection" value={collection} onChange={(event) => onPick(event.target.value)}>
          {!isThere && <option value={collection}>{collection}</option>}
          {all.map(({ id }) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
        <button
          type="button"
          className="icon-button"
          aria-label={texts.newCollection}
          title={texts.newCollection}
          aria-expanded={isNaming}
          onClick={() => setName(isNaming ? undefined : "")}
        >
          <Icon name="plus" />
        </button>
        {isThere && (
          <ConfirmButton
            label={texts.deleteCollection(collection)}
            question={texts.deleteCollectionSure(collection)}
            onConfirm={() => void remove()}
          >
            <Icon name="trash" />
          </ConfirmButton>
        )}
      </div>
      {isNaming && (
        <form
          className="row"
          onSubmit={(event) => void create(event)}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            event.stopPropagation();
            setName(undefined);
          }}
        >
          <input
            ref={input}
            aria-label={texts.collectionName}
            placeholder={texts.collectionName}
            value={name}
            maxLength={100}
            onChange={(event) => setName(event.target.value)}
          />
          <button type="submit" className="button">
            {texts.create}
          </button>
        </form>
      )}
    </section>
  );
}
