/** The conversation: its header, what must be said above it, the turns, and where the next question is written. */
import { type RefObject, useEffect, useRef } from "react";
import { type TurnActions, TurnView } from "../answer/turn-view.tsx";
import type { Conversations } from "../conversation/use-conversation.ts";
import { useTexts } from "../language/language.tsx";
import type { Library } from "../library/use-library.ts";
import { NoModelNotice } from "../settings/no-model-notice.tsx";
import type { Settings } from "../settings/settings.ts";
import type { Models } from "../settings/use-models.ts";
import type { OpenSource } from "../source/open-source.ts";
import { Composer } from "./composer.tsx";
import { EmptyState } from "./empty-state.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { Icon } from "./icons.tsx";
import type { Server } from "./use-server.ts";

export interface MainColumnProps {
  question: RefObject<HTMLTextAreaElement | null>;
  server: Server;
  settings: Settings;
  library: Library;
  models: Models;
  conversations: Conversations;
  actions: TurnActions;
  open: OpenSource | undefined;
  /** The sidebar lies over it. */
  isCovered: boolean;
  onChange: (changes: Partial<Settings>) => void;
  onMenu: () => void;
  onSettings: () => void;
}

export function MainColumn(props: MainColumnProps) {
  const { question, server, settings, library, models, conversations, actions, open, isCovered } = props;
  const texts = useTexts();
  const menu = useRef<HTMLButtonElement>(null);
  const wasCovered = useRef(false);
  const { connection, health } = server;
  const { current, isAnswering, isKept } = conversations;
  const isOnline = connection === "online";
  const last = current.turns.at(-1)?.id;

  useEffect(() => {
    if (wasCovered.current && !isCovered) menu.current?.focus();
    wasCovered.current = isCovered;
  }, [isCovered]);

  // A new question comes to the top, and its answer grows below; reading is not pulled along.
  useEffect(() => {
    if (last === undefined || !isAnswering) return;
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const heading = document.getElementById(`q-${last}`);
    heading?.closest(".turn")?.scrollIntoView({ block: "start", behavior: isCalm ? "auto" : "smooth" });
  }, [last, isAnswering]);

  return (
    <main className="main" inert={isCovered}>
      <a className="skip" href="#question">
        {texts.skip}
      </a>
      <header className="top">
        <button
          ref={menu}
          type="button"
          className="icon-button only-narrow"
          aria-label={texts.menu}
          aria-expanded={isCovered}
          aria-controls="sidebar"
          title={texts.menu}
          onClick={props.onMenu}
        >
          <Icon name="menu" />
        </button>
        <p className="top-collection">{settings.isGrounded ? settings.collection : texts.withoutDocuments}</p>
        <button type="button" className="text-button top-model" onClick={props.onSettings} disabled={!health}>
          {health ? (health.model ?? texts.quotesName) : texts.connecting}
        </button>
        {current.turns.length > 0 && <ExportMenu conversation={current} />}
      </header>
      <div className="banners" role="status">
        {connection === "offline" && <p className="banner">{texts.offline}</p>}
        {!isKept && <p className="banner">{texts.notKept}</p>}
      </div>
      <div className="turns">
        {health && health.model === null && current.turns.length === 0 && (
          <NoModelNotice models={models} isLocal={health.is_local} onSettings={props.onSettings} />
        )}
        {current.turns.length === 0 ? (
          <EmptyState isGrounded={settings.isGrounded} documents={library.documents?.length} />
        ) : (
          <h1 className="visually-hidden">{texts.conversations}</h1>
        )}
        {current.turns.map((turn) => (
          <TurnView
            key={turn.id}
            turn={turn}
            isBusy={isAnswering || !isOnline}
            openNumber={open?.turn === turn.id ? open.number : undefined}
            actions={actions}
          />
        ))}
      </div>
      <Composer
        area={question}
        isAnswering={isAnswering}
        isOnline={isOnline}
        isGrounded={settings.isGrounded}
        hasModel={health?.model != null}
        onMode={(isGrounded) => props.onChange({ isGrounded })}
        onAsk={conversations.ask}
        onStop={conversations.stop}
      />
    </main>
  );
}
