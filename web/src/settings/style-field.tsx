/** The style prompt, with what the model's card warns of. */
import { type SystemPromptFault, systemPromptFaults } from "../../../src/grounding/system-prompt-faults.ts";
import { GROUNDED_SYSTEM_PROMPT } from "../../../src/spec/grounding.ts";
import { useTexts } from "../language/language.tsx";
import { MAX_STYLE } from "./settings.ts";

export function StyleField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const texts = useTexts();
  const warnings: Record<SystemPromptFault, string> = {
    "not-english": texts.styleNotEnglish,
    persona: texts.stylePersona,
  };
  const faults = value.trim() === "" ? [] : systemPromptFaults(value);
  return (
    <div className="field wide">
      <label htmlFor="setting-style">{texts.style}</label>
      <textarea
        id="setting-style"
        rows={3}
        maxLength={MAX_STYLE}
        value={value}
        aria-describedby="hint-style"
        onChange={(event) => onChange(event.target.value)}
      />
      <div role="status">
        {faults.map((fault) => (
          <p key={fault} className="notice warning">
            {warnings[fault]}
          </p>
        ))}
      </div>
      <p id="hint-style" className="quiet">
        {texts.styleHint}
      </p>
      <p className="quiet">{texts.safety}</p>
      <p className="quiet">{texts.styleGrounded}</p>
      <blockquote lang="en">{GROUNDED_SYSTEM_PROMPT}</blockquote>
    </div>
  );
}
