/** A ZIP archive in memory in, the contents of some of its files out. Bounded: archives may unpack to anything. */
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { InputError } from "../errors.ts";

/** Threat: a few kilobytes that unpack to petabytes, or to millions of files. */
const MAX_BYTES = 256 * 1024 * 1024;
const MAX_ENTRIES = 50_000;

/** By name, as the archive spells it. Throws InputError for what is damaged, encrypted, or too large. */
export async function readZip(
  bytes: Buffer,
  wanted: (name: string) => boolean,
  maxBytes = MAX_BYTES,
): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  let left = maxBytes;
  try {
    const archive = await fromBufferPromise(bytes);
    if (archive.entryCount > MAX_ENTRIES)
      throw new InputError(`it holds ${archive.entryCount} files: ${MAX_ENTRIES} are the most`);
    for await (const entry of archive.eachEntry()) {
      if (!wanted(entry.fileName)) continue;
      if (entry.isEncrypted()) throw new InputError("it is protected by a password");
      const content = await readEntry(archive, entry, left);
      left -= content.length;
      found.set(entry.fileName, content);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`it is damaged: ${(error as Error).message}`, { cause: error });
  }
  return found;
}

/** Counts what really comes out: the sizes that an archive states may be lies. */
async function readEntry(archive: ZipFile, entry: Entry, most: number): Promise<Buffer> {
  const stream = await archive.openReadStreamPromise(entry);
  const pieces: Buffer[] = [];
  let total = 0;
  for await (const piece of stream) {
    total += (piece as Buffer).length;
    if (total > most) throw new InputError("it unpacks to more than can be read");
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces);
}
