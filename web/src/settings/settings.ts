/** What the person chose, kept in the browser; what is no such choice any more is passed over. */
import type { Sampling } from "../api/server.ts";
import { LANGUAGES, type Language } from "../language/language.tsx";

export interface Settings {
  /** undefined: the browser's. */
  language?: Language | undefined;
  /** undefined: the system's. */
  theme?: "light" | "dark" | undefined;
  collection: string;
  isGrounded: boolean;
  temperature?: number | undefined;
  beams?: number | undefined;
  seed?: number | undefined;
  maxTokens?: number | undefined;
  /** System prompt of answers without documents. */
  style: string;
}

/** Least, most and step of each number. */
export const LIMITS = {
  temperature: { min: 0, max: 2, step: 0.1 },
  beams: { min: 1, max: 16, step: 1 },
  seed: { min: 0, max: 2 ** 31 - 1, step: 1 },
  maxTokens: { min: 1, max: 131_072, step: 1 },
} as const;

export type NumberSetting = keyof typeof LIMITS;

export const MAX_STYLE = 4000;

const KEY = "vikhr.settings";

export function readSettings(json: string | null): Settings {
  let value: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(json ?? "{}");
    if (typeof parsed === "object" && parsed !== null) value = parsed as Record<string, unknown>;
  } catch {
    // Damaged: as if nothing had been chosen.
  }
  const { language, theme, collection, isGrounded, style } = value;
  const settings: Settings = {
    collection: typeof collection === "string" && collection !== "" ? collection : "default",
    isGrounded: isGrounded !== false,
    style: typeof style === "string" ? style.slice(0, MAX_STYLE) : "",
  };
  if (typeof language === "string" && Object.hasOwn(LANGUAGES, language))
    settings.language = language as Language;
  if (theme === "light" || theme === "dark") settings.theme = theme;
  for (const name of Object.keys(LIMITS) as NumberSetting[]) {
    const number = checkNumber(name, value[name]);
    if (number !== undefined) settings[name] = number;
  }
  return settings;
}

/** undefined for what the server would refuse. */
export function checkNumber(name: NumberSetting, value: unknown): number | undefined {
  const { min, max, step } = LIMITS[name];
  if (typeof value !== "number" || !(value >= min && value <= max)) return undefined;
  return step === 1 && !Number.isInteger(value) ? undefined : value;
}

export const loadSettings = (): Settings => readSettings(localStorage.getItem(KEY));

export function saveSettings(settings: Settings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // Full, or forbidden: the choice lasts as long as the page.
  }
}

export function samplingOf({ temperature, beams, maxTokens }: Settings): Omit<Sampling, "seed"> {
  return {
    ...(temperature !== undefined && { temperature }),
    ...(beams !== undefined && beams > 1 && { beams }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
  };
}
