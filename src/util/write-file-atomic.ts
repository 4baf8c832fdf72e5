/**
 * Writes a file whole: bytes go to a temporary name in the same folder, reach the disk, and only then take the
 * real name. A reader, or a machine that loses power, sees the old file or the new one, never half of either.
 */
import { randomBytes } from "node:crypto";
import { type FileHandle, open, readdir, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

export type FileContent =
  | string
  | Uint8Array
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>;

/** `content` may be a generator, so that large files never lie in memory. The folder must exist. */
export async function writeFileAtomic(path: string, content: FileContent): Promise<void> {
  const folder = dirname(path);
  // Random, and opened exclusively: two writers of one file never share a temporary one.
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  const file = await open(temporary, "wx");
  try {
    try {
      const chunks = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
      for await (const chunk of chunks) await writeAll(file, chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw sayWhere(error, path);
  }
  await syncFolder(folder);
}

/** A full disk does not say where it is full: "ENOSPC: no space left on device, write". */
export function sayWhere(error: unknown, path: string): unknown {
  if (error instanceof Error && "code" in error && !("path" in error)) error.message += ` '${path}'`;
  return error;
}

/**
 * Removes the temporary files that killed writers of `path` left beside it. Not while another process may be
 * writing the same file.
 */
export async function removeAbandoned(path: string): Promise<void> {
  const start = `.${basename(path)}.`;
  for (const name of await readdir(dirname(path)))
    if (name.startsWith(start) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(start.length)))
      await unlink(join(dirname(path), name));
}

async function writeAll(file: FileHandle, chunk: string | Uint8Array): Promise<void> {
  const bytes = typeof chunk === "string" ? Buffer.from(chunk, "utf8") : chunk;
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done);
    done += bytesWritten;
  }
}

/** Makes renames into it durable. Windows cannot open folders, and does this on its own. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
