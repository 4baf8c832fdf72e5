/** Two reports of one benchmark, an earlier and a later one -> what changed, with intervals. */
import { InputError } from "../../../errors.ts";
import type { Report } from "../report.ts";
import { changedSettings } from "./changed-settings.ts";
import { compareArenas } from "./compare-arenas.ts";
import { compareRags } from "./compare-rags.ts";
import type { ReportComparison } from "./report-comparison.ts";

/** Throws an InputError where the two measure different things. */
export function compareReports(before: Report, after: Report): ReportComparison {
  const common = {
    before: before.manifest.created,
    after: after.manifest.created,
    settings: changedSettings(before.manifest, after.manifest),
  };
  if (before.kind === "arena" && after.kind === "arena")
    return { kind: "arena", ...common, ...compareArenas(before, after) };
  if (before.kind === "rag" && after.kind === "rag")
    return { kind: "rag", ...common, ...compareRags(before, after) };
  throw new InputError(
    `a report of "${before.kind}" and one of "${after.kind}" have nothing to compare: give two of one kind`,
  );
}
