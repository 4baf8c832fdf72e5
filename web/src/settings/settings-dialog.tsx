/** All that can be chosen: model, how answers are drawn, style, looks, history. Changes hold at once. */
import { useEffect, useRef } from "react";
import type { Health } from "../api/wire.ts";
import { toJson } from "../conversation/export-conversation.ts";
import type { Conversations } from "../conversation/use-conversation.ts";
import { type Language, preferredLanguage, useTexts } from "../language/language.tsx";
import { ConfirmButton } from "../shell/confirm-button.tsx";
import { Icon } from "../shell/icons.tsx";
import { saveFile } from "../shell/save-file.ts";
import { Choice } from "./choice.tsx";
import { ModelList } from "./model-list.tsx";
import { NumberField } from "./number-field.tsx";
import type { NumberSetting, Settings } from "./settings.ts";
import { StyleField } from "./style-field.tsx";
import type { Models } from "./use-models.ts";

export interface SettingsDialogProps {
  settings: Settings;
  health: Health | undefined;
  models: Models;
  conversations: Pick<Conversations, "kept" | "clear">;
  onChange: (changes: Partial<Settings>) => void;
  onClose: () => void;
}

export default function SettingsDialog(props: SettingsDialogProps) {
  const { settings, health, models, conversations, onChange, onClose } = props;
  const texts = useTexts();
  const dialog = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    // The browser holds the focus inside, and gives it back.
    dialog.current?.showModal();
  }, []);

  const numbers: [NumberSetting, string, string][] = [
    ["temperature", texts.temperature, texts.temperatureHint],
    ["beams", texts.beams, texts.beamsHint],
    ["seed", texts.seed, texts.seedHint],
    ["maxTokens", texts.maxTokens, texts.maxTokensHint],
  ];

  return (
    <dialog ref={dialog} className="settings" aria-labelledby="settings-title" onClose={onClose}>
      <header>
        <h2 id="settings-title">{texts.settings}</h2>
        <button
          type="button"
          className="icon-button"
          aria-label={texts.close}
          title={texts.close}
          onClick={() => dialog.current?.close()}
        >
          <Icon name="close" />
        </button>
      </header>
      <section>
        <h3>{texts.model}</h3>
        <ModelList models={models} isLocal={health?.is_local ?? false} current={health?.model ?? null} />
      </section>
      <section>
        <h3>{texts.answers}</h3>
        <div className="fields">
          {numbers.map(([name, label, hint]) => (
            <NumberField
              key={name}
              name={name}
              label={label}
              hint={hint}
              value={settings[name]}
              onChange={(value) => onChange({ [name]: value })}
            />
          ))}
          <StyleField value={settings.style} onChange={(style) => onChange({ style })} />
        </div>
      </section>
      <section>
        <h3>{texts.appearance}</h3>
        <Choice
          label={texts.theme}
          value={settings.theme ?? "auto"}
          options={{ auto: texts.themeAuto, light: texts.themeLight, dark: texts.themeDark }}
          onChange={(theme) => onChange({ theme: theme === "auto" ? undefined : theme })}
        />
        <Choice<Language>
          label={texts.language}
          value={settings.language ?? preferredLanguage()}
          options={{ en: "English", ru: "Русский" }}
          onChange={(language) => onChange({ language })}
        />
      </section>
      <section>
        <h3>{texts.history}</h3>
        <p className="quiet">{texts.historyHint}</p>
        <div className="row">
          <button
            type="button"
            className="button"
            disabled={conversations.kept.length === 0}
            onClick={() => saveFile("vikhr.json", toJson(conversations.kept), "application/json")}
          >
            {texts.exportAll}
          </button>
          {conversations.kept.length > 0 && (
            <ConfirmButton
              className="button"
              label={texts.clearHistory}
              question={texts.clearHistorySure}
              onConfirm={conversations.clear}
            >
              {texts.clearHistory}
            </ConfirmButton>
          )}
        </div>
      </section>
      <footer className="quiet">
        <a href="/docs">{texts.api}</a>
        <span>Vikhr {health?.version}</span>
      </footer>
    </dialog>
  );
}
