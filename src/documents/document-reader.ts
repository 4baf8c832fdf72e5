/**
 * Files' bytes in, documents out, as readDocument does; but what is unpacked and laid out by large libraries (PDF, DOCX,
 * EPUB) is read in a process with bounds of time and memory, so that a hostile file costs itself and nothing else.
 */
import type { ChildProcess } from "node:child_process";
import { extname } from "node:path";
import { InputError } from "../errors.ts";
import type { Document } from "../spec/document.ts";
import { forkModule } from "../util/fork-module.ts";
import { formatDuration } from "../util/format-quantity.ts";
import { isBinaryFormat, readDocument } from "./read-document.ts";
import type { FromReader, ToReader } from "./reader-process.ts";

export interface DocumentReaderOptions {
  /** For one file, in milliseconds. Default two minutes: a book of a thousand pages takes a few seconds. */
  timeLimit?: number;
  /** Of the process's heap, in MB. Default 2048. */
  memoryLimit?: number;
}

/** One file at a time. */
export class DocumentReader {
  readonly #timeLimit: number;
  readonly #memoryLimit: number;
  #process: ChildProcess | undefined;

  constructor({ timeLimit = 120_000, memoryLimit = 2048 }: DocumentReaderOptions = {}) {
    this.#timeLimit = timeLimit;
    this.#memoryLimit = memoryLimit;
  }

  /** Throws InputError that says what is wrong with the file, without its name. */
  async read(source: string, bytes: Buffer, extension = extname(source).toLowerCase()): Promise<Document> {
    if (!isBinaryFormat(extension)) return readDocument(source, bytes, extension);
    this.#process ??= forkModule(new URL("./reader-process.ts", import.meta.url), {
      nodeArguments: [`--max-old-space-size=${this.#memoryLimit}`],
    });
    const answer = await this.#ask(this.#process, { source, bytes, extension });
    if ("document" in answer) return answer.document;
    if ("fault" in answer) throw new InputError(answer.fault);
    throw new Error(answer.stack);
  }

  close(): void {
    this.#process?.kill("SIGKILL");
    this.#process = undefined;
  }

  async #ask(child: ChildProcess, file: ToReader): Promise<FromReader> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<FromReader>((resolve, reject) => {
        const late = `it takes more than ${formatDuration(this.#timeLimit / 1000)} to read`;
        timer = setTimeout(() => reject(new InputError(late)), this.#timeLimit);
        child.once("message", (answer) => resolve(answer as FromReader));
        child.once("error", reject);
        child.once("exit", (code, signal) =>
          reject(
            new InputError(
              `reading it ended the process (${signal ?? code}): it may need more than ${this.#memoryLimit} MB`,
            ),
          ),
        );
        // A process that is gone cannot be written to: its end is reported above.
        child.send(file, () => undefined);
      });
    } catch (error) {
      // It may still be at work: the next file gets a process of its own.
      this.close();
      throw error;
    } finally {
      clearTimeout(timer);
      child.removeAllListeners();
    }
  }
}
