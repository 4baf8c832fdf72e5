/** The server asks for a key: it is given here, and kept as long as the tab. */
import { useEffect, useRef, useState } from "react";
import { apiKey } from "../api/client.ts";
import { useTexts } from "../language/language.tsx";

export function KeyForm({ onKey }: { onKey: () => void }) {
  const texts = useTexts();
  const [key, setKey] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const [hadKey] = useState(() => apiKey.get() !== "");

  // Nothing else can be done here.
  useEffect(() => input.current?.focus(), []);

  return (
    <form
      className="key-form"
      aria-labelledby="key-title"
      onSubmit={(event) => {
        event.preventDefault();
        if (key.trim() === "") return;
        apiKey.set(key.trim());
        onKey();
      }}
    >
      <h1 id="key-title">{texts.keyTitle}</h1>
      <label htmlFor="key">{texts.keyLabel}</label>
      <div className="row">
        <input
          ref={input}
          id="key"
          type="password"
          autoComplete="off"
          value={key}
          onChange={(event) => setKey(event.target.value)}
          aria-describedby="key-hint"
        />
        <button type="submit" className="button primary">
          {texts.unlock}
        </button>
      </div>
      {hadKey && (
        <p role="alert" className="notice warning">
          {texts.keyWrong}
        </p>
      )}
      <p id="key-hint" className="quiet">
        {texts.keyHint}
      </p>
    </form>
  );
}
