/** Starts the page of the HTTP interface; what it shows comes when it is needed. */
import { lazy, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { preferredLanguage } from "./language/language.tsx";
import { loadSettings } from "./settings/settings.ts";
import { useTheme } from "./shell/use-theme.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/docs.css";

const ApiPage = lazy(() => import("./docs/api-page.tsx"));

function Docs() {
  const { language = preferredLanguage(), theme } = loadSettings();
  useTheme(theme, language);
  return (
    <Suspense>
      <ApiPage language={language} />
    </Suspense>
  );
}

createRoot(document.getElementById("root")!).render(<Docs />);
