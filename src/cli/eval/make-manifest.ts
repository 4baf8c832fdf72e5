/** What a command of `vikhr eval` was made with -> its manifest: with the command as it was called, without keys. */
import type { Manifest } from "../../evaluation/manifest.ts";
import { packageVersion } from "../../util/package-version.ts";

export function makeManifest(facts: Pick<Manifest, "data" | "texts" | "settings">): Manifest {
  return {
    command: commandLine(process.argv.slice(2)),
    created: new Date().toISOString(),
    version: packageVersion(),
    ...facts,
  };
}

/** As a shell would take it. Keys are left out: manifests are given away. */
export function commandLine(args: readonly string[]): string {
  const shown = args.map((arg, i) => {
    if (/^--[a-z-]*api-key=/.test(arg)) return `${arg.slice(0, arg.indexOf("="))}=...`;
    if (/^--[a-z-]*api-key$/.test(args[i - 1] ?? "")) return "...";
    return /^[\w./:=@,+-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`;
  });
  return ["vikhr", ...shown].join(" ");
}
