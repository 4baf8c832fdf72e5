/** Beside the conversation: collection, documents, earlier conversations, settings. On narrow screens it slides over. */
import { useEffect, useRef } from "react";
import type { DocumentInfo } from "../api/wire.ts";
import type { Conversations } from "../conversation/use-conversation.ts";
import { useTexts } from "../language/language.tsx";
import { AddDocuments } from "../library/add-documents.tsx";
import { CollectionPicker } from "../library/collection-picker.tsx";
import { DocumentList } from "../library/document-list.tsx";
import type { Library } from "../library/use-library.ts";
import { ConversationList } from "./conversation-list.tsx";
import { Icon } from "./icons.tsx";

export interface SidebarProps {
  /** It lies over the page, and has the focus. */
  isOver: boolean;
  library: Library;
  collection: string;
  conversations: Conversations;
  isLocal: boolean;
  isOnline: boolean;
  onPick: (collection: string) => void;
  onOpen: (document: DocumentInfo) => void;
  onSettings: () => void;
  onClose: () => void;
}

export function Sidebar(props: SidebarProps) {
  const {
    isOver,
    library,
    collection,
    conversations,
    isLocal,
    isOnline,
    onPick,
    onOpen,
    onSettings,
    onClose,
  } = props;
  const texts = useTexts();
  const close = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (isOver) close.current?.focus();
  }, [isOver]);

  return (
    <nav id="sidebar" className="sidebar" data-over={isOver} aria-label={texts.menu}>
      <header className="brand">
        <Icon name="wind" />
        <span>Vikhr</span>
        <button
          ref={close}
          type="button"
          className="icon-button only-narrow"
          aria-label={texts.close}
          title={texts.close}
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </header>
      <div className="sidebar-body">
        <button
          type="button"
          className="button new"
          onClick={() => {
            conversations.start();
            onClose();
          }}
        >
          <Icon name="plus" />
          {texts.newConversation}
        </button>
        <CollectionPicker library={library} collection={collection} onPick={onPick} />
        <AddDocuments library={library} isLocal={isLocal} isOnline={isOnline} />
        <DocumentList library={library} collection={collection} onOpen={onOpen} />
        <ConversationList conversations={conversations} onOpened={onClose} />
      </div>
      <footer className="sidebar-footer">
        <button type="button" className="text-button" onClick={onSettings}>
          <Icon name="settings" />
          {texts.settings}
        </button>
      </footer>
    </nav>
  );
}
