/** Starts the page. */
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/library.css";
import "./styles/answer.css";
import "./styles/settings.css";
import "./styles/source.css";

createRoot(document.getElementById("root")!).render(<App />);
