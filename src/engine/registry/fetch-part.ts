/**
 * The bytes of a hub file -> a `.part` file beside its place, from where an earlier download ended. Gives their
 * SHA-256; whether that is the right one is the caller's question.
 */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, readFile, rm, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { InputError, VikhrError } from "../../errors.ts";
import { writeFileAtomic } from "../../util/write-file-atomic.ts";
import { LinkedAbort } from "../linked-abort.ts";
import { TransientError } from "../retrying.ts";
import type { HubClient, HubFile, HubPlace } from "./hub-file.ts";
import type { CachePaths } from "./model-cache.ts";
import type { PullMeter } from "./pull-progress.ts";

/** Left free on the disk, for everything else. */
const SPARE_BYTES = 64 * 1024 * 1024;
/** In milliseconds without a byte, after which the connection counts as broken. */
const STALL_TIMEOUT = 60_000;
const FIRST_PAUSE = 500;

const partFactsSchema = z.object({
  sha256: z.string(),
  size: z.int().positive(),
  /** Of the answer that the first bytes came with. */
  etag: z.string().max(1024).optional(),
});

export interface Download {
  place: HubPlace;
  paths: CachePaths;
  hub: HubClient;
  facts: HubFile;
  signal: AbortSignal;
  meter: PullMeter;
  /** How often in a row the connection may break without a new byte. */
  retries: number;
}

/** Fills the `.part` file up to the stated size; gives its SHA-256. */
export async function fetchPart(job: Download): Promise<string> {
  const { paths, facts, meter, signal, retries } = job;
  const known = partFactsSchema.safeParse(await readJson(paths.partFacts)).data;
  const resumable = known?.sha256 === facts.sha256 && known.size === facts.size;
  if (!resumable) await discardPart(paths);
  const file = await open(paths.part, resumable ? "a+" : "w+").catch((error: unknown) => {
    throw diskError(error, paths);
  });
  try {
    let there = (await file.stat()).size;
    if (there > facts.size) {
      await file.truncate(0);
      there = 0;
    }
    await checkSpace(paths.part, facts.size - there);
    const state = new PartState(file, await hashOf(paths.part, there, signal), there, known?.etag);
    meter.begin(there);
    // A server that begins anew for ever makes no progress: only bytes never seen before count.
    let furthest = there;
    for (let breaks = 0; state.size < facts.size; ) {
      try {
        await fetchRest(job, state);
      } catch (error) {
        breaks = state.size > furthest ? 1 : breaks + 1;
        furthest = Math.max(furthest, state.size);
        if (!(error instanceof TransientError) || breaks > retries || signal.aborted) throw error;
        await sleep(FIRST_PAUSE * 2 ** (breaks - 1), undefined, { signal });
      }
    }
    await file.sync();
    meter.end(state.size);
    return state.hash.digest("hex");
  } catch (error) {
    throw diskError(error, paths);
  } finally {
    await file.close();
  }
}

/** What is in the `.part` file, and the hash of it. */
class PartState {
  readonly file: FileHandle;
  hash: Hash;
  size: number;
  etag: string | undefined;

  constructor(file: FileHandle, hash: Hash, size: number, etag: string | undefined) {
    this.file = file;
    this.hash = hash;
    this.size = size;
    this.etag = etag;
  }

  async restart(): Promise<void> {
    await this.file.truncate(0);
    this.hash = createHash("sha256");
    this.size = 0;
    this.etag = undefined;
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; )
      done += (await this.file.write(bytes, done, bytes.length - done, this.size + done)).bytesWritten;
    this.hash.update(bytes);
    this.size += bytes.length;
  }
}

/** One connection: from where the part ends, or from the beginning where the server will not go on from there. */
async function fetchRest(job: Download, state: PartState): Promise<void> {
  const { hub, place, facts, signal } = job;
  const linked = new LinkedAbort(signal);
  const timer = setTimeout(() => linked.end(), STALL_TIMEOUT);
  try {
    const range = { start: state.size, ifRange: strong(state.etag), signal: linked.signal };
    const response = await hub.bytes(place, range);
    if (response.status === 416 || (response.status === 206 && !fits(response, state.size, facts.size))) {
      await state.restart();
      throw new TransientError(`${at(place)}: the hub will not go on from there: pull again`);
    }
    if (response.status === 200 && state.size > 0) await state.restart();
    await take(response, job, state, () => timer.refresh());
    if (state.size < facts.size) throw broken(place, undefined);
  } catch (cause) {
    signal.throwIfAborted();
    throw cause instanceof VikhrError || isSystemError(cause) ? cause : broken(place, cause);
  } finally {
    clearTimeout(timer);
    linked.end();
  }
}

async function take(response: Response, job: Download, state: PartState, onBytes: () => void): Promise<void> {
  const { place, facts, meter } = job;
  const fresh = state.size === 0;
  if (fresh) state.etag = response.headers.get("etag") ?? undefined;
  for await (const bytes of response.body ?? []) {
    onBytes();
    if (state.size + bytes.length > facts.size) {
      await state.restart();
      throw new VikhrError(`${at(place)}: more bytes came than the hub stated: pull it again`);
    }
    await state.append(bytes);
    // Only now, so that the first bytes are not lost to a connection that breaks meanwhile.
    if (fresh && state.size === bytes.length) await recordPart(job, state.etag);
    meter.at(state.size);
  }
}

/** Of which file the part is: without this it is not gone on with. */
async function recordPart({ paths, facts }: Download, etag: string | undefined): Promise<void> {
  const { sha256, size } = facts;
  await writeFileAtomic(paths.partFacts, JSON.stringify({ sha256, size, ...(etag && { etag }) }));
}

function broken(place: HubPlace, cause: unknown): TransientError {
  const what = `${at(place)}: the connection broke: pull again, and it goes on from where it was`;
  return new TransientError(what, { cause });
}

function at({ repository, file }: HubPlace): string {
  return `${repository}/${file}`;
}

/** Only a strong ETag may be used in If-Range. */
function strong(etag: string | undefined): string | undefined {
  return etag?.startsWith('"') ? etag : undefined;
}

function fits(response: Response, start: number, size: number): boolean {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
  return range !== null && Number(range[1]) === start && (range[2] === "*" || Number(range[2]) === size);
}

async function hashOf(path: string, length: number, signal: AbortSignal): Promise<Hash> {
  const hash = createHash("sha256");
  if (length === 0) return hash;
  for await (const bytes of createReadStream(path, { end: length - 1, signal })) hash.update(bytes as Buffer);
  return hash;
}

async function checkSpace(path: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path));
  if (needed + SPARE_BYTES > bavail * bsize)
    throw new InputError(
      `${dirname(path)}: ${gigabytes(needed)} GB are needed and ${gigabytes(bavail * bsize)} GB are free: make room, or set VIKHR_CACHE to another disk`,
    );
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && "errno" in error && !("hostname" in error);
}

/** A full disk and the like become one line; all else stays as it is. */
function diskError(error: unknown, paths: CachePaths): unknown {
  if (!isSystemError(error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  return new InputError(
    `${paths.part}: the download cannot be written (${code}): make room, or set VIKHR_CACHE`,
    {
      cause: error,
    },
  );
}

export async function discardPart({ part, partFacts }: CachePaths): Promise<void> {
  await rm(part, { force: true });
  await rm(partFacts, { force: true });
}

export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}
