/**
 * A module run in a process of its own, because native code may end the process it is in. Its messages come out as
 * they arrive; when it ends, how, and what it said last. What the messages mean is not known here.
 */
import { forkModule } from "./fork-module.ts";

export interface RunChildOptions {
  /** Sent to the child first. */
  input: unknown;
  onMessage(message: unknown): void;
  /** On abort `abort` is sent to the child, which is to finish by itself. */
  signal?: AbortSignal | undefined;
  /** Ends the child at once. */
  killSignal?: AbortSignal | undefined;
  /** Added to this process's environment. */
  env?: Record<string, string>;
}

export interface ChildEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The end of what it wrote to stderr. */
  stderr: string;
}

/** Threat: a child that complains for hours. Only the end is kept. */
const MAX_STDERR = 16 * 1024;

/** `module` as for forkModule. */
export function runChild(module: URL, options: RunChildOptions): Promise<ChildEnd> {
  return new Promise((resolve, reject) => {
    const child = forkModule(module, { env: options.env });
    let stderr = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-MAX_STDERR);
    });
    // A child that is gone cannot be written to: its end is reported below.
    const send = (message: unknown) => {
      if (child.connected) child.send(message as object, () => undefined);
    };
    const onAbort = () => send({ type: "abort" });
    const onKill = () => child.kill("SIGKILL");
    options.signal?.addEventListener("abort", onAbort);
    options.killSignal?.addEventListener("abort", onKill);
    child.on("message", options.onMessage);
    const letGo = () => {
      options.signal?.removeEventListener("abort", onAbort);
      options.killSignal?.removeEventListener("abort", onKill);
    };
    child.on("error", (error) => {
      letGo();
      reject(error);
    });
    child.on("close", (code, signal) => {
      letGo();
      resolve({ code, signal, stderr });
    });
    send({ type: "start", input: options.input });
    if (options.signal?.aborted) onAbort();
    if (options.killSignal?.aborted) onKill();
  });
}

/** The telling line of a process's last words, for one line of ours. */
export function lastWords({ code, signal, stderr }: ChildEnd): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  const telling =
    lines.findLast((line) => /ASSERT|ABORT|fatal|(?<!\w)error(?!\w)/i.test(line)) ?? lines.at(-1);
  const how = signal ? `ended by ${signal}` : `exit code ${code}`;
  const memory = signal === "SIGKILL" ? ", perhaps for lack of memory" : "";
  return telling === undefined ? how + memory : `${telling.trim()} (${how})`;
}
