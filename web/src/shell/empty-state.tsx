/** Before the first question: what this is, and what to do first. */
import { useTexts } from "../language/language.tsx";

export interface EmptyStateProps {
  isGrounded: boolean;
  /** undefined while it is not known. */
  documents: number | undefined;
}

export function EmptyState({ isGrounded, documents }: EmptyStateProps) {
  const texts = useTexts();
  const line = isGrounded
    ? documents === undefined
      ? ""
      : documents === 0
        ? texts.emptyAdd
        : texts.emptyAsk(documents)
    : texts.emptyChat;
  return (
    <div className="empty">
      <h1>{isGrounded ? texts.emptyTitle : texts.emptyChatTitle}</h1>
      <p>{line}</p>
    </div>
  );
}
