/** The question above its answer; it can be changed and asked again. */
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTexts } from "../language/language.tsx";
import { Icon } from "../shell/icons.tsx";

export interface QuestionHeadingProps {
  id: string;
  question: string;
  isDisabled: boolean;
  onChange: (question: string) => void;
}

export function QuestionHeading({ id, question, isDisabled, onChange }: QuestionHeadingProps) {
  const texts = useTexts();
  const [draft, setDraft] = useState<string>();
  const area = useRef<HTMLTextAreaElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const isEditing = draft !== undefined;
  const wasEditing = useRef(false);

  useEffect(() => {
    if (isEditing) area.current?.focus();
    else if (wasEditing.current) button.current?.focus();
    wasEditing.current = isEditing;
  }, [isEditing]);

  function submit(): void {
    if (!draft?.trim() || isDisabled) return;
    setDraft(undefined);
    onChange(draft.trim());
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.stopPropagation();
      setDraft(undefined);
    } else if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      submit();
    }
  }

  if (!isEditing)
    return (
      <header className="question">
        <h2 id={id} tabIndex={-1}>
          {question}
        </h2>
        <button
          ref={button}
          type="button"
          className="icon-button"
          aria-label={texts.edit}
          title={texts.edit}
          disabled={isDisabled}
          onClick={() => setDraft(question)}
        >
          <Icon name="edit" />
        </button>
      </header>
    );
  return (
    <header className="question editing">
      <h2 id={id} className="visually-hidden">
        {question}
      </h2>
      <textarea
        ref={area}
        aria-label={texts.edit}
        value={draft}
        rows={2}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="row">
        <button
          type="button"
          className="button primary"
          disabled={isDisabled || draft.trim() === ""}
          onClick={submit}
        >
          {texts.editSend}
        </button>
        <button type="button" className="button" onClick={() => setDraft(undefined)}>
          {texts.cancel}
        </button>
      </div>
    </header>
  );
}
