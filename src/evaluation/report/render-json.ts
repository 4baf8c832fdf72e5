/**
 * JSON in one spelling (RFC 8785): names in the order of their UTF-16 units, no spaces, so that equal values are equal
 * files. A line feed ends it.
 */
import { VikhrError } from "../../errors.ts";

/** Plain data. What is undefined is left out. Throws a VikhrError for figures that JSON does not have. */
export const renderJson = (value: object): string => `${canonical(value)}\n`;

function canonical(value: unknown): string {
  if (typeof value === "number" && !Number.isFinite(value))
    throw new VikhrError(`a figure of the report is ${value}, which JSON cannot hold`);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(",")}}`;
}
