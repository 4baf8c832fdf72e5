/** Builds the page where one of its sources is newer than what was built. `npm start` runs it first. */
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const WEB = import.meta.dirname;
const LOCKFILE = join(WEB, "..", "package-lock.json");
const LEFT_OUT = /^(dist|node_modules)([/\\]|$)/;

const sources = readdirSync(WEB, { recursive: true, encoding: "utf8" }).filter(
  (path) => !LEFT_OUT.test(path),
);
const newest = Math.max(...[LOCKFILE, ...sources.map((path) => join(WEB, path))].map(changedAt));
if (changedAt(join(WEB, "dist", "index.html")) < newest)
  process.exitCode =
    spawnSync("npm run build:web --if-present", { stdio: "inherit", shell: true }).status ?? 1;

/** In milliseconds; 0 for what is not there. */
function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
