/** Where two manifests differ. */
import { createHash } from "node:crypto";
import type { Manifest } from "../../manifest.ts";
import type { ReportComparison } from "./report-comparison.ts";

export function changedSettings(before: Manifest, after: Manifest): ReportComparison["settings"] {
  const [old, now] = [entriesOf(before), entriesOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
    const pair = { name, before: old.get(name) ?? null, after: now.get(name) ?? null };
    return pair.before === pair.after ? [] : [pair];
  });
}

function entriesOf({ command, version, settings, data, texts }: Manifest): Map<string, string> {
  return new Map([
    ["command", command],
    ["version", version],
    ...Object.entries(settings).map(([name, value]) => [name, String(value)] as const),
    ...Object.entries(data),
    ...Object.entries(texts).map(
      ([title, text]) => [title, createHash("sha256").update(text).digest("hex")] as const,
    ),
  ]);
}
