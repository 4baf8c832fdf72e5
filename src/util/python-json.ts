/**
 * A JSON value as Python's `json.dumps(value, ensure_ascii=False)` writes it, character for character: models
 * were trained on that spelling. Numbers are those that Python reads from the JSON of JavaScript.
 */

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** Throws a RangeError for numbers that JSON cannot hold. Lone surrogates stay as they are, as in Python. */
export function pythonJson(value: JsonValue): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "number") return pythonNumber(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${quote(key)}: ${pythonJson(item)}`)
    .join(", ")}}`;
}

/** `JSON.stringify` would also escape lone surrogates, which Python leaves alone. */
function quote(text: string): string {
  return `"${text.replace(/["\\\u0000-\u001f]/g, (character) => JSON.stringify(character).slice(1, -1))}"`;
}

/** The two languages agree on the shortest digits, but not on when an exponent begins and how it is padded. */
function pythonNumber(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} has no JSON spelling`);
  if (value === 0 || Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e-(\d)$/, "e-0$1");
}
