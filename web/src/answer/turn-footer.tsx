/** How an answer ended, who gave it, and what can be done next. */
import { useState } from "react";
import type { Turn } from "../conversation/turn.ts";
import { useTexts } from "../language/language.tsx";
import { failureText } from "../shell/failure-text.ts";
import { Icon } from "../shell/icons.tsx";
import type { TurnActions } from "./turn-view.tsx";

export interface TurnFooterProps {
  turn: Turn;
  isBusy: boolean;
  actions: Pick<TurnActions, "askAgain" | "goOn">;
}

export function TurnFooter({ turn, isBusy, actions }: TurnFooterProps) {
  const texts = useTexts();
  const [isCopied, setIsCopied] = useState(false);
  const { state, model, problem } = turn;
  const hasBegun = turn.text !== "";

  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(turn.text);
    setIsCopied(true);
    setTimeout(() => setIsCopied(false), 2000);
  }

  return (
    <footer className="turn-footer">
      {turn.isCut && <p className="notice">{texts.cut}</p>}
      {state === "stopped" && <p className="notice">{texts.stopped}</p>}
      {state === "broken" && (
        <p className="notice warning">{hasBegun ? texts.broken : texts.failureUnreachable}</p>
      )}
      {state === "failed" && problem && (
        <p className="notice warning" role="alert">
          {failureText(texts, problem)}
        </p>
      )}
      <div className="row">
        {state === "broken" && hasBegun && (
          <button
            type="button"
            className="button primary"
            disabled={isBusy}
            onClick={() => actions.goOn(turn)}
          >
            {texts.goOn}
          </button>
        )}
        <button
          type="button"
          className="text-button"
          disabled={isBusy}
          onClick={() => actions.askAgain(turn)}
        >
          <Icon name="again" />
          {state === "failed" || !hasBegun ? texts.tryAgain : texts.regenerate}
        </button>
        {/* Browsers give the clipboard to secure pages only. */}
        {hasBegun && navigator.clipboard && (
          <button type="button" className="text-button" onClick={() => void copy()}>
            <Icon name="copy" />
            <span aria-live="polite">{isCopied ? texts.copied : texts.copy}</span>
          </button>
        )}
        {state === "done" && model !== undefined && (
          <span className="by">{model === "quotes" ? texts.quoted : texts.answeredBy(model)}</span>
        )}
      </div>
    </footer>
  );
}
