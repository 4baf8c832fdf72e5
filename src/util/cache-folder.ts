/** Where this user's programs keep what can be had again: the XDG cache folder. */
import { homedir } from "node:os";
import { join } from "node:path";

export function cacheFolder({ XDG_CACHE_HOME }: NodeJS.ProcessEnv = process.env): string {
  // The XDG rules: a relative path is to be ignored.
  return XDG_CACHE_HOME?.startsWith("/") ? XDG_CACHE_HOME : join(homedir(), ".cache");
}
