/** Where a question is written; what it is answered from; and the keys. */
import { type KeyboardEvent, type Ref, useState } from "react";
import { useTexts } from "../language/language.tsx";
import { Icon } from "./icons.tsx";

export interface ComposerProps {
  area: Ref<HTMLTextAreaElement>;
  isAnswering: boolean;
  isOnline: boolean;
  isGrounded: boolean;
  hasModel: boolean;
  onMode: (isGrounded: boolean) => void;
  onAsk: (question: string) => void;
  onStop: () => void;
}

export function Composer(props: ComposerProps) {
  const { area, isAnswering, isOnline, isGrounded, hasModel, onMode, onAsk, onStop } = props;
  const texts = useTexts();
  const [draft, setDraft] = useState("");
  const canChat = isGrounded || hasModel;
  const canAsk = isOnline && canChat && draft.trim() !== "" && !isAnswering;

  function submit(): void {
    if (!canAsk) return;
    setDraft("");
    onAsk(draft.trim());
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  }

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {!canChat && <p className="notice">{texts.chatNeedsModel}</p>}
      <div className="composer-box">
        <label htmlFor="question" className="visually-hidden">
          {texts.question}
        </label>
        <textarea
          ref={area}
          id="question"
          rows={1}
          value={draft}
          placeholder={texts.questionHint}
          aria-describedby="keys"
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <div className="composer-row">
          <fieldset className="mode">
            <legend className="visually-hidden">{texts.mode}</legend>
            {[true, false].map((mode) => (
              <label key={String(mode)}>
                <input type="radio" name="mode" checked={mode === isGrounded} onChange={() => onMode(mode)} />
                <span>{mode ? texts.fromDocuments : texts.withoutDocuments}</span>
              </label>
            ))}
          </fieldset>
          {isAnswering ? (
            <button
              type="button"
              className="round"
              aria-label={texts.stop}
              title={texts.stop}
              onClick={onStop}
            >
              <Icon name="stop" />
            </button>
          ) : (
            <button
              type="submit"
              className="round"
              aria-label={texts.send}
              title={texts.send}
              disabled={!canAsk}
            >
              <Icon name="send" />
            </button>
          )}
        </div>
      </div>
      <p id="keys" className="keys">
        <span>
          <kbd>{texts.enter}</kbd> {texts.keySend}
        </span>
        <span>
          <kbd>{texts.shift}</kbd> <kbd>{texts.enter}</kbd> {texts.keyLine}
        </span>
        <span>
          <kbd>{texts.escape}</kbd> {texts.keyStop}
        </span>
        <span>
          <kbd>{texts.control}</kbd> <kbd>K</kbd> {texts.keyFocus}
        </span>
      </p>
    </form>
  );
}
