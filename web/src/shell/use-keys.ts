/** Keys that work anywhere on the page: Ctrl+K (or Cmd+K) to the question, Escape for whoever wants it. */
import { type RefObject, useEffect, useRef } from "react";

export interface Keys {
  question: RefObject<HTMLTextAreaElement | null>;
  onEscape: () => void;
}

export function useKeys(keys: Keys): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (
        event.key.toLowerCase() === "k" &&
        (event.ctrlKey || event.metaKey) &&
        !event.altKey &&
        !event.shiftKey
      ) {
        event.preventDefault();
        current.current.question.current?.focus();
        // A dialog closes by itself.
      } else if (event.key === "Escape" && !document.querySelector("dialog[open]"))
        current.current.onEscape();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}
