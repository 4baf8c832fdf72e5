/** The HTTP interface, read from the server itself: works without any other one. */
import { useEffect, useState } from "react";
import { sendJson } from "../api/client.ts";
import { LANGUAGES, type Language } from "../language/language.tsx";
import { DOCS_TEXTS } from "./docs-texts.ts";
import { EndpointView } from "./endpoint-view.tsx";
import { endpointsOf, type OpenApi } from "./openapi.ts";

export default function ApiPage({ language }: { language: Language }) {
  const texts = DOCS_TEXTS[language];
  const [document, setDocument] = useState<OpenApi>();
  const [isFailed, setIsFailed] = useState(false);
  const [words, setWords] = useState("");

  useEffect(() => {
    sendJson<OpenApi>("/openapi.json").then(setDocument, () => setIsFailed(true));
  }, []);

  const wanted = words.trim().toLowerCase();
  const all = document ? endpointsOf(document) : [];
  const found = all.filter(({ method, path, summary, description }) =>
    `${method} ${path} ${summary} ${description}`.toLowerCase().includes(wanted),
  );
  return (
    <main className="api">
      <header>
        <h1>{texts.title}</h1>
        <p>
          {texts.intro} <a href="/openapi.json">/openapi.json</a>
        </p>
        <p>
          <a href="/">{texts.back}</a>
        </p>
      </header>
      <input
        type="search"
        aria-label={texts.find}
        placeholder={texts.find}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <div role="status">
        {isFailed && <p className="notice warning">{texts.failed}</p>}
        {!document && !isFailed && <p className="quiet">{LANGUAGES[language].loading}</p>}
        {document && found.length === 0 && <p className="quiet">{texts.none}</p>}
      </div>
      {document &&
        found.map((endpoint) => (
          <EndpointView key={endpoint.id} document={document} endpoint={endpoint} texts={texts} />
        ))}
    </main>
  );
}
