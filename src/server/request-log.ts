/** What became of each request and of the server, a line each: JSON for programs, or one that people read in a terminal. */
import { terminalJson, terminalLine } from "../util/terminal-text.ts";

export interface LoggedRequest {
  id: string;
  method: string;
  /** Without its query. */
  path: string;
  /** 499 where the client left before the end. */
  status: number;
  milliseconds: number;
  /** Of the name of the client's key. */
  key?: string | undefined;
  /** What was asked; only where that is wanted. */
  content?: string | undefined;
}

export interface RequestLogOptions {
  write: (line: string) => void;
  /** Lines for people. Default: JSON. */
  isTerminal?: boolean;
  /** Bodies of requests are logged, too. Default: nothing that people wrote is. */
  withContent?: boolean;
}

/** Asked every few seconds by programs that watch: logged where something is wrong. */
const QUIET = new Set(["/health", "/metrics"]);

export class RequestLog {
  readonly withContent: boolean;
  readonly #write: (line: string) => void;
  readonly #isTerminal: boolean;

  constructor({ write, isTerminal = false, withContent = false }: RequestLogOptions) {
    this.withContent = withContent;
    this.#write = write;
    this.#isTerminal = isTerminal;
  }

  request(request: LoggedRequest): void {
    const { id, method, path, status, key, content } = request;
    if (QUIET.has(path) && status < 400) return;
    const milliseconds = Math.round(request.milliseconds * 10) / 10;
    if (this.#isTerminal) {
      const what = content === undefined ? "" : ` ${content}`;
      const who = key === undefined ? "" : ` ${key}`;
      this.#line(`${clock()} ${status} ${method} ${path} ${milliseconds} ms${who} ${id}${what}`);
    } else
      this.#json({
        level: status >= 500 ? "error" : "info",
        request_id: id,
        method,
        path,
        status,
        duration_ms: milliseconds,
        key,
        content,
      });
  }

  /** Something about the server itself. `facts`, in snake_case, are what the text says, for programs. */
  notice(text: string, facts: Readonly<Record<string, unknown>> = {}): void {
    if (this.#isTerminal) this.#line(`${clock()} ${text}`);
    else this.#json({ level: "info", message: text, ...facts });
  }

  /** Something that should not happen, with its place in the program. */
  fault(id: string, error: unknown): void {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (this.#isTerminal) this.#line(`${clock()} fault in ${id}: ${stack}`);
    else this.#json({ level: "error", request_id: id, fault: stack });
  }

  #line(text: string): void {
    this.#write(`${terminalLine(text)}\n`);
  }

  #json(record: object): void {
    this.#write(`${terminalJson({ time: new Date().toISOString(), ...record })}\n`);
  }
}

function clock(): string {
  return new Date().toTimeString().slice(0, 8);
}
