/** The conversation as a file. */
import { useRef } from "react";
import { type Conversation, titleOf } from "../conversation/conversation.ts";
import { toJson, toMarkdown } from "../conversation/export-conversation.ts";
import { useTexts } from "../language/language.tsx";
import { Icon } from "./icons.tsx";
import { fileName, saveFile } from "./save-file.ts";

export function ExportMenu({ conversation }: { conversation: Conversation }) {
  const texts = useTexts();
  const menu = useRef<HTMLDetailsElement>(null);
  const name = fileName(titleOf(conversation));

  function close(): void {
    if (!menu.current?.open) return;
    menu.current.open = false;
    menu.current.querySelector("summary")?.focus();
  }

  return (
    <details
      ref={menu}
      className="menu"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !menu.current?.open) return;
        event.stopPropagation();
        close();
      }}
      onBlur={(event) => {
        if (menu.current && !menu.current.contains(event.relatedTarget)) menu.current.open = false;
      }}
    >
      <summary className="icon-button" aria-label={texts.exportConversation} title={texts.exportConversation}>
        <Icon name="save" />
      </summary>
      <div className="menu-items">
        <button
          type="button"
          onClick={() => {
            saveFile(`${name}.md`, toMarkdown(conversation, texts), "text/markdown");
            close();
          }}
        >
          {texts.exportMarkdown}
        </button>
        <button
          type="button"
          onClick={() => {
            saveFile(`${name}.json`, toJson([conversation]), "application/json");
            close();
          }}
        >
          {texts.exportJson}
        </button>
      </div>
    </details>
  );
}
