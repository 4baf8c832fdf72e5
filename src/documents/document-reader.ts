/**
 * Files' bytes in, documents out, as readDocument does; but what is unpacked and laid out by large libraries (PDF, DOCX,
 * EPUB) is read in a process with bounds of time and memory, so that a hostile file costs itself and nothing else.
 */
import type { ChildProcess } from "node:child_process";
import { extname } from "node:path";
import { InputError } from "../errors.ts";
import type { Document } from "../spec/document.ts";
import { formatDuration } from "../util/format-quantity.ts";
import { forkModule } from "../util/process/fork-module.ts";
import { isBinaryFormat, type ReadOptions, readDocument } from "./read-document.ts";
import type { FromReader, ToReader } from "./reader-process.ts";
import { memoryOf, watchMemory } from "./watch-memory.ts";

export interface DocumentReaderOptions {
  /** For one file, in milliseconds. Default two minutes: a book of a thousand pages takes a few seconds. */
  timeLimit?: number;
  /**
   * Of the process, in MB. Default 3072: a PDF of 240 MB takes 1,300, most of it copies of its bytes. Two thirds of it
   * are the most for the heap, which is tidied up only where that has an end.
   */
  memoryLimit?: number;
}

/** One file at a time. */
export class DocumentReader {
  readonly #timeLimit: number;
  readonly #memoryLimit: number;
  #process: ChildProcess | undefined;

  constructor({ timeLimit = 120_000, memoryLimit = 3072 }: DocumentReaderOptions = {}) {
    this.#timeLimit = timeLimit;
    this.#memoryLimit = memoryLimit;
  }

  /**
   * Throws InputError that says what is wrong with the file, without its name; and the signal's reason once it aborts,
   * which ends the process. (Mere text is read at once.)
   */
  async read(
    source: string,
    bytes: Buffer,
    { signal, ...options }: ReadOptions & { signal?: AbortSignal | undefined } = {},
  ): Promise<Document> {
    const { extension = extname(source).toLowerCase() } = options;
    if (!isBinaryFormat(extension)) return readDocument(source, bytes, options);
    signal?.throwIfAborted();
    this.#process ??= forkModule(new URL("./reader-process.ts", import.meta.url), {
      nodeArguments: [`--max-old-space-size=${Math.ceil((this.#memoryLimit * 2) / 3)}`],
    });
    const child = this.#process;
    const answer = await this.#ask(child, { source, bytes, extension }, signal);
    // What a large file left behind is not to count against the next one.
    if ((await memoryOf(child.pid)) > this.#memoryLimit / 4) this.close();
    if ("document" in answer) return answer.document;
    if ("fault" in answer) throw new InputError(answer.fault);
    throw new Error(answer.stack);
  }

  close(): void {
    this.#process?.kill("SIGKILL");
    this.#process = undefined;
  }

  async #ask(child: ChildProcess, file: ToReader, signal?: AbortSignal): Promise<FromReader> {
    let unbound = () => {};
    try {
      return await new Promise<FromReader>((resolve, reject) => {
        unbound = this.#bound(child, reject, signal);
        child.once("message", (answer) => resolve(answer as FromReader));
        child.once("error", reject);
        child.once("exit", (code, killedBy) =>
          reject(
            new InputError(
              `reading it ended the process (${killedBy ?? code}): it may need more than ${this.#memoryLimit} MB`,
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
      unbound();
      child.removeAllListeners();
    }
  }

  /** `onEnd` is called with what ends the reading before its time. What is returned takes the bounds off. */
  #bound({ pid }: ChildProcess, onEnd: (reason: unknown) => void, signal?: AbortSignal): () => void {
    const late = `it takes more than ${formatDuration(this.#timeLimit / 1000)} to read`;
    const timer = setTimeout(() => onEnd(new InputError(late)), this.#timeLimit);
    const large = `it needs more than ${this.#memoryLimit} MB to read`;
    const endWatch = watchMemory(pid, this.#memoryLimit, () => onEnd(new InputError(large)));
    const onAbort = () => onEnd(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    return () => {
      clearTimeout(timer);
      endWatch();
      signal?.removeEventListener("abort", onAbort);
    };
  }
}
