/** A button for what cannot be undone: it asks in place, and the safe answer has the focus. */
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTexts } from "../language/language.tsx";

export interface ConfirmButtonProps {
  label: string;
  question: string;
  /** Default: "Delete". */
  action?: string;
  className?: string;
  children: ReactNode;
  onConfirm: () => void;
}

export function ConfirmButton({
  label,
  question,
  action,
  className = "icon-button",
  children,
  onConfirm,
}: ConfirmButtonProps) {
  const texts = useTexts();
  const [isAsking, setAsking] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const keep = useRef<HTMLButtonElement>(null);
  const wasAsking = useRef(false);

  useEffect(() => {
    if (isAsking) keep.current?.focus();
    else if (wasAsking.current) button.current?.focus();
    wasAsking.current = isAsking;
  }, [isAsking]);

  if (!isAsking)
    return (
      <button
        ref={button}
        type="button"
        className={className}
        aria-label={label}
        title={label}
        onClick={() => setAsking(true)}
      >
        {children}
      </button>
    );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <span
      className="confirm"
      role="group"
      aria-label={question}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        setAsking(false);
      }}
    >
      <span>{question}</span>
      <button
        type="button"
        className="text-button danger"
        onClick={() => {
          setAsking(false);
          onConfirm();
        }}
      >
        {action ?? texts.remove}
      </button>
      <button ref={keep} type="button" className="text-button" onClick={() => setAsking(false)}>
        {texts.keep}
      </button>
    </span>
  );
}
