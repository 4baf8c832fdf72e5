/** The language of the page, and numbers as it writes them. */
import { createContext, useContext } from "react";
import { en, type Texts } from "./en.ts";
import { ru } from "./ru.ts";

export const LANGUAGES = { en, ru } as const;

export type Language = keyof typeof LANGUAGES;

/** The first of the person's languages that the page has. */
export function preferredLanguage(languages: readonly string[] = navigator.languages): Language {
  for (const language of languages) {
    const short = language.slice(0, 2).toLowerCase();
    if (Object.hasOwn(LANGUAGES, short)) return short as Language;
  }
  return "en";
}

const LanguageContext = createContext<Language>("en");

export const LanguageProvider = LanguageContext.Provider;

export const useTexts = (): Texts => LANGUAGES[useContext(LanguageContext)];

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

export function useNumbers() {
  const language = useContext(LanguageContext);
  return {
    percent: (part: number) => new Intl.NumberFormat(language, { style: "percent" }).format(part),
    /** Decimal, as hubs state sizes. */
    bytes(count: number): string {
      const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3)));
      return new Intl.NumberFormat(language, {
        style: "unit",
        unit: UNITS[power]!,
        maximumSignificantDigits: 3,
      }).format(count / 1000 ** power);
    },
  };
}
