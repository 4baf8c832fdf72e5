/** The theme and the language that were chosen -> the root element; style sheets and screen readers look there. */
import { useLayoutEffect } from "react";

export function useTheme(theme: "light" | "dark" | undefined, language: string): void {
  useLayoutEffect(() => {
    const { documentElement: root } = document;
    root.lang = language;
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
  }, [theme, language]);
}
