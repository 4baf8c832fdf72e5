/** The flags --path, --format, --since and --until in, the filter that they mean out. */
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { isAddress } from "../../documents/fetch-page.ts";
import { InputError } from "../../errors.ts";
import type { ChunkFilter } from "../../index/chunk-index.ts";
import { FORMAT_NAMES, type FormatName } from "../../index/format-names.ts";

/** `{}` where nothing is filtered, else `{filter}`. Throws InputError for what cannot be meant. */
export function chunkFilter(flags: Readonly<Record<string, unknown>>): { filter?: ChunkFilter } {
  const { path, format, since, until } = flags;
  const filter: ChunkFilter = {
    ...(path !== undefined && { pathPrefix: placeOf(String(path)) }),
    ...(format !== undefined && { formats: [formatNamed(String(format))] }),
    ...(since !== undefined && { modifiedFrom: dayOf("--since", String(since)).getTime() }),
    ...(until !== undefined && { modifiedTo: endOf(dayOf("--until", String(until))) }),
  };
  return Object.keys(filter).length === 0 ? {} : { filter };
}

/** As sources are stored: without links in it. What is away now keeps its documents, and its path as it was given. */
function placeOf(path: string): string {
  if (isAddress(path)) return path;
  const whole = resolve(path);
  try {
    return realpathSync.native(whole);
  } catch {
    return whole;
  }
}

function formatNamed(name: string): FormatName {
  const format = FORMAT_NAMES.find((one) => one === name);
  if (format === undefined)
    throw new InputError(`--format is ${JSON.stringify(name)} and must be one of ${FORMAT_NAMES.join(", ")}`);
  return format;
}

/** Midnight where the user is. */
function dayOf(flag: string, text: string): Date {
  const [year, month, day] = (/^(\d{4})-(\d{2})-(\d{2})$/.exec(text)?.slice(1) ?? []).map(Number);
  const date = new Date(`${text}T00:00`);
  // JavaScript takes the 30th of February for the 2nd of March.
  if (date.getFullYear() !== year || date.getMonth() + 1 !== month || date.getDate() !== day)
    throw new InputError(`${flag} is ${JSON.stringify(text)} and must be a day as 2026-01-31`);
  return date;
}

/** The whole day is meant, which has 23 hours where clocks are put forward. */
function endOf(day: Date): number {
  const next = new Date(day);
  next.setDate(day.getDate() + 1);
  return next.getTime() - 1;
}
