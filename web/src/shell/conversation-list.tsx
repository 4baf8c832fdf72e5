/** Earlier conversations, the newest first. */
import { titleOf } from "../conversation/conversation.ts";
import type { Conversations } from "../conversation/use-conversation.ts";
import { useTexts } from "../language/language.tsx";
import { ConfirmButton } from "./confirm-button.tsx";
import { Icon } from "./icons.tsx";

export interface ConversationListProps {
  conversations: Conversations;
  onOpened: () => void;
}

export function ConversationList({ conversations, onOpened }: ConversationListProps) {
  const texts = useTexts();
  const { kept, current, open, remove } = conversations;
  return (
    <section className="conversations">
      <h2>{texts.conversations}</h2>
      {kept.length === 0 && <p className="quiet">{texts.noConversations}</p>}
      <ul className="rows">
        {kept.map((conversation) => {
          const title = titleOf(conversation);
          return (
            <li key={conversation.id}>
              <button
                type="button"
                className="row-main"
                aria-current={conversation.id === current.id ? "true" : undefined}
                onClick={() => {
                  if (conversation.id !== current.id) open(conversation);
                  onOpened();
                }}
              >
                {title}
              </button>
              <ConfirmButton
                label={texts.deleteConversation(title)}
                question={texts.deleteConversationSure}
                onConfirm={() => remove(conversation.id)}
              >
                <Icon name="trash" />
              </ConfirmButton>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
