/** One process at a time: a lock file that names its holder. That of a process which has died is taken over. */
import { randomBytes } from "node:crypto";
import { link, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { ConflictError } from "../errors.ts";
import { sayWhere } from "./write-file-atomic.ts";

/** What this process holds. After a restart of a container another process has its number and its host's name. */
const held = new Set<string>();

/** Resolves to a function that lets go. Throws ConflictError, which names `what`, where it is taken. */
export async function lockFile(path: string, what: string): Promise<() => Promise<void>> {
  const own = `${process.pid} ${hostname()} ${randomBytes(8).toString("hex")}\n`;
  for (let attempt = 0; attempt < 5; attempt++) {
    // Written whole under another name, and then linked: nobody sees a lock without its holder.
    const draft = `${path}.${randomBytes(6).toString("hex")}`;
    try {
      await writeFile(draft, own, { flag: "wx" });
      await linkOrCopy(draft, path);
      held.add(own);
      return async () => {
        held.delete(own);
        if ((await readFile(path, "utf8").catch(() => "")) === own) await rm(path, { force: true });
      };
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw sayWhere(error, path);
    } finally {
      // On a full disk it was begun, and is there.
      await rm(draft, { force: true });
    }
    const holder = await readFile(path, "utf8").catch(() => "");
    if (holder === "") continue;
    if (isAlive(holder)) throw taken(path, what, holder);
    await takeAway(path, holder);
  }
  throw taken(path, what, "");
}

/** Some file systems (exFAT, some network folders) have no links: there the lock appears before its holder is in it. */
async function linkOrCopy(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "ENOSYS", "EOPNOTSUPP"].some((code) => hasCode(error, code))) throw error;
    await writeFile(path, await readFile(draft), { flag: "wx" });
  }
}

/** Another process may be faster, and the lock be its own by now: then it is put back. */
async function takeAway(path: string, dead: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  if ((await readFile(aside, "utf8")) !== dead) await link(aside, path).catch(() => undefined);
  await unlink(aside);
}

/** On another machine (a shared folder) it cannot be known, and counts as alive. */
function isAlive(holder: string): boolean {
  const [pid = "", host] = holder.trim().split(" ");
  if (host !== hostname() || !/^\d{1,10}$/.test(pid)) return true;
  if (Number(pid) === process.pid) return held.has(holder);
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return hasCode(error, "EPERM");
  }
}

function taken(path: string, what: string, holder: string): ConflictError {
  const [pid = "?", host = "?"] = holder.trim().split(" ");
  return new ConflictError(
    `${what} is already under way (process ${pid.slice(0, 10)} on ${host.slice(0, 64)}): wait for it, or delete ${path} if that is not so`,
  );
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
