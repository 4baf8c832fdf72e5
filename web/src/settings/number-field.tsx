/** A number of the settings; empty: as the server has it. */
import { useState } from "react";
import { useTexts } from "../language/language.tsx";
import { checkNumber, LIMITS, type NumberSetting } from "./settings.ts";

export interface NumberFieldProps {
  name: NumberSetting;
  label: string;
  hint: string;
  value: number | undefined;
  onChange: (value: number | undefined) => void;
}

export function NumberField({ name, label, hint, value, onChange }: NumberFieldProps) {
  const texts = useTexts();
  const [draft, setDraft] = useState(value === undefined ? "" : String(value));
  const number = checkNumber(name, draft === "" ? undefined : Number(draft));
  const isWrong = draft !== "" && number === undefined;
  return (
    <div className="field">
      <label htmlFor={`setting-${name}`}>{label}</label>
      <input
        id={`setting-${name}`}
        type="number"
        inputMode="decimal"
        {...LIMITS[name]}
        placeholder={name === "seed" ? texts.drawn : texts.standard}
        value={draft}
        aria-invalid={isWrong}
        aria-describedby={`hint-${name}`}
        onChange={(event) => {
          const text = event.target.value;
          setDraft(text);
          const checked = checkNumber(name, text === "" ? undefined : Number(text));
          if (text === "" || checked !== undefined) onChange(checked);
        }}
      />
      <p id={`hint-${name}`} className="quiet">
        {hint}
      </p>
    </div>
  );
}
