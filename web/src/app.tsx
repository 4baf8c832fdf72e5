/** The page: what is shared is held here, and handed down. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { TurnActions } from "./answer/turn-view.tsx";
import { RequestFailed } from "./api/client.ts";
import type { DocumentInfo } from "./api/wire.ts";
import type { Turn } from "./conversation/turn.ts";
import { useConversation } from "./conversation/use-conversation.ts";
import { LanguageProvider, preferredLanguage } from "./language/language.tsx";
import { useDrop } from "./library/use-drop.ts";
import { useLibrary } from "./library/use-library.ts";
import { loadSettings, type Settings, samplingOf, saveSettings } from "./settings/settings.ts";
import { useModels } from "./settings/use-models.ts";
import { DropOverlay } from "./shell/drop-overlay.tsx";
import { KeyForm } from "./shell/key-form.tsx";
import { LiveRegion } from "./shell/live-region.tsx";
import { MainColumn } from "./shell/main-column.tsx";
import { Sidebar } from "./shell/sidebar.tsx";
import { useKeys } from "./shell/use-keys.ts";
import { usePart } from "./shell/use-part.ts";
import { useServer } from "./shell/use-server.ts";
import { useTheme } from "./shell/use-theme.ts";
import type { OpenSource } from "./source/open-source.ts";

const loadSourcePanel = () => import("./source/source-panel.tsx");
const loadSettingsDialog = () => import("./settings/settings-dialog.tsx");

export function App() {
  const [settings, setSettings] = useState(loadSettings);
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [isSettingsOpen, setSettingsOpen] = useState(false);
  const [open, setOpen] = useState<OpenSource>();
  const question = useRef<HTMLTextAreaElement>(null);
  const opener = useRef<Element>(null);
  const language = settings.language ?? preferredLanguage();
  useTheme(settings.theme, language);

  const change = useCallback((changes: Partial<Settings>) => {
    setSettings((before) => {
      const after = { ...before, ...changes };
      saveSettings(after);
      return after;
    });
  }, []);

  const server = useServer();
  const { connection, health, check, lock } = server;
  const isOnline = connection === "online";
  const onFailure = useCallback(
    (error: unknown) => {
      if (!(error instanceof RequestFailed)) return;
      if (error.failure === "unauthorized") lock();
      if (error.failure === "unreachable") check();
    },
    [check, lock],
  );
  const onEnd = useCallback(
    ({ problem }: Turn) => {
      if (problem) onFailure(new RequestFailed(problem.failure, problem.message));
    },
    [onFailure],
  );

  const library = useLibrary(settings.collection, isOnline, onFailure);
  const models = useModels(isOnline, check);
  const conversations = useConversation(
    {
      collection: settings.isGrounded ? settings.collection : null,
      sampling: samplingOf(settings),
      seed: settings.seed,
      style: settings.style,
      model: health?.model ?? "",
    },
    onEnd,
  );
  const isOver = useDrop((files) => void library.add(files));

  const openSource = useCallback((source: OpenSource) => {
    opener.current = document.activeElement;
    setOpen(source);
  }, []);
  const closeSource = useCallback(() => {
    setOpen(undefined);
    if (opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus();
    else question.current?.focus();
  }, []);

  const onMissing = useCallback(() => {
    setOpen(undefined);
    setSettingsOpen(false);
    check();
  }, [check]);
  const SourcePanel = usePart(loadSourcePanel, open !== undefined, onMissing);
  const SettingsDialog = usePart(loadSettingsDialog, isSettingsOpen, onMissing);

  useKeys({
    question,
    onEscape() {
      if (conversations.isAnswering) conversations.stop();
      else if (isMenuOpen) setMenuOpen(false);
      else if (open) closeSource();
    },
  });

  // What was open belongs to the conversation before.
  const { id } = conversations.current;
  useEffect(() => setOpen((shown) => (shown?.turn === undefined ? shown : undefined)), [id]);

  const latest = useRef(conversations);
  latest.current = conversations;
  const actions = useMemo<TurnActions>(
    () => ({
      askAgain: (turn, changed) => latest.current.askAgain(turn, changed),
      goOn: (turn) => latest.current.goOn(turn),
      openSource,
    }),
    [openSource],
  );

  function openDocument(document: DocumentInfo): void {
    const passage = { start: 0, end: 0, text: "", score: 0, rank: 0, doc_id: 0 };
    openSource({ collection: settings.collection, hit: { ...document, ...passage, document: document.id } });
    setMenuOpen(false);
  }

  if (connection === "locked")
    return (
      <LanguageProvider value={language}>
        <main className="locked">
          <KeyForm onKey={check} />
        </main>
      </LanguageProvider>
    );

  return (
    <LanguageProvider value={language}>
      <div className="app" data-panel={open !== undefined}>
        <Sidebar
          isOver={isMenuOpen}
          library={library}
          collection={settings.collection}
          conversations={conversations}
          isLocal={health?.is_local ?? false}
          isOnline={isOnline}
          onPick={(collection) => change({ collection })}
          onOpen={openDocument}
          onSettings={() => setSettingsOpen(true)}
          onClose={() => setMenuOpen(false)}
        />
        <MainColumn
          question={question}
          server={server}
          settings={settings}
          library={library}
          models={models}
          conversations={conversations}
          actions={actions}
          open={open}
          isCovered={isMenuOpen}
          onChange={change}
          onMenu={() => setMenuOpen(true)}
          onSettings={() => setSettingsOpen(true)}
        />
        {open &&
          (SourcePanel ? <SourcePanel open={open} onClose={closeSource} /> : <aside className="panel" />)}
      </div>
      {isSettingsOpen && SettingsDialog && (
        <SettingsDialog
          settings={settings}
          health={health}
          models={models}
          conversations={conversations}
          onChange={change}
          onClose={() => setSettingsOpen(false)}
        />
      )}
      {isOver && <DropOverlay collection={settings.collection} />}
      <LiveRegion turn={conversations.current.turns.at(-1)} />
    </LanguageProvider>
  );
}
