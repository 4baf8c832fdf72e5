/** The flags --path, --format, --since and --until in, the filter that they mean out. */
import { resolve } from "node:path";
import { isAddress } from "../../documents/fetch-page.ts";
import { InputError } from "../../errors.ts";
import type { ChunkFilter } from "../../index/chunk-index.ts";
import type { TextFormat } from "../../spec/document.ts";

const FORMATS: readonly TextFormat[] = ["markdown", "html", "code", "plain"];
const DAY = 24 * 60 * 60 * 1000;

/** `{}` where nothing is filtered, else `{filter}`. Throws InputError for what cannot be meant. */
export function chunkFilter(flags: Readonly<Record<string, unknown>>): { filter?: ChunkFilter } {
  const { path, format, since, until } = flags;
  const filter: ChunkFilter = {
    ...(path !== undefined && { pathPrefix: isAddress(String(path)) ? String(path) : resolve(String(path)) }),
    ...(format !== undefined && { formats: [formatNamed(String(format))] }),
    ...(since !== undefined && { modifiedFrom: dayOf("--since", String(since)) }),
    // The whole day is meant.
    ...(until !== undefined && { modifiedTo: dayOf("--until", String(until)) + DAY - 1 }),
  };
  return Object.keys(filter).length === 0 ? {} : { filter };
}

function formatNamed(name: string): TextFormat {
  const format = FORMATS.find((one) => one === name);
  if (format === undefined)
    throw new InputError(`--format is ${JSON.stringify(name)} and must be one of ${FORMATS.join(", ")}`);
  return format;
}

/** Midnight where the user is, in milliseconds since 1970. */
function dayOf(flag: string, text: string): number {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00`).getTime() : Number.NaN;
  if (Number.isNaN(day))
    throw new InputError(`${flag} is ${JSON.stringify(text)} and must be a day as 2026-01-31`);
  return day;
}
