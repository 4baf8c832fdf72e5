/**
 * calls.jsonl: what models answered, one line a call, appended as it comes and synced. kill -9 at any moment leaves a file
 * that opens: a line that it cut is taken off, and its call is made again.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { InputError } from "../../errors.ts";
import { lockFile } from "../../util/file-lock.ts";
import type { CallFailure } from "./failure-of.ts";

export interface CallRecord<T = unknown> {
  /** Tells the call from all others of the run. */
  name: string;
  /** SHA-256 of all that was asked: an answer to anything else does not count. */
  input: string;
  /** Absent where it failed. */
  value?: T;
  failure?: { kind: CallFailure; message: string };
  /** Prompt and completion together. */
  tokens: number;
  seconds: number;
  /** When it ended: seconds since 1970. */
  at: number;
}

export class Journal {
  readonly #fd: number;
  readonly #unlock: () => Promise<void>;
  /** The last record of each name. */
  readonly #records: Map<string, CallRecord>;

  private constructor(fd: number, unlock: () => Promise<void>, records: Map<string, CallRecord>) {
    this.#fd = fd;
    this.#unlock = unlock;
    this.#records = records;
  }

  /** One process at a time; ConflictError where another has it. The folder must exist. */
  static async open(path: string): Promise<Journal> {
    const unlock = await lockFile(`${path}.lock`, path);
    try {
      const records = readJournal(path);
      takeOffCutLine(path);
      return new Journal(openSync(path, "a"), unlock, records);
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  get(name: string): CallRecord | undefined {
    return this.#records.get(name);
  }

  records(): Iterable<CallRecord> {
    return this.#records.values();
  }

  append(record: CallRecord): void {
    writeSync(this.#fd, `${JSON.stringify(record)}\n`);
    fsyncSync(this.#fd);
    this.#records.set(record.name, record);
  }

  async close(): Promise<void> {
    closeSync(this.#fd);
    await this.#unlock();
  }
}

/** What is recorded, for those who only read; a last line that was cut, or is still being written, is left out. */
export function readJournal(path: string): Map<string, CallRecord> {
  const records = new Map<string, CallRecord>();
  if (!existsSync(path)) return records;
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  for (const [i, line] of lines.entries()) {
    const record = parse(line);
    if (!record)
      throw new InputError(
        `${path}:${i + 1}: no record of a call: take this line out, or give another folder`,
      );
    records.set(record.name, record);
  }
  return records;
}

function takeOffCutLine(path: string): void {
  if (!existsSync(path)) return;
  const bytes = readFileSync(path);
  const whole = bytes.lastIndexOf(10) + 1;
  if (whole < bytes.length) truncateSync(path, whole);
}

function parse(line: string): CallRecord | undefined {
  try {
    const record = JSON.parse(line) as CallRecord | null;
    const isOne = typeof record?.name === "string" && typeof record.input === "string";
    return isOne && ("value" in record || record.failure) ? record : undefined;
  } catch {
    return undefined;
  }
}
