/** Runs `vikhr`, compiled, in a process of its own, away from the settings, models, libraries and collections of this machine. */
import { type ChildProcess, spawn } from "node:child_process";
import { join, resolve } from "node:path";

const MAIN = resolve(import.meta.dirname, "../../dist/cli/main.js");

export interface CliRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  /** Where it runs, and where it looks for its config file and models. */
  folder: string;
  stdin?: string;
  env?: Record<string, string>;
  /** Node's own arguments. */
  nodeArguments?: string[];
  /** With the process, once it runs. */
  onStart?(child: ChildProcess): void;
  /** With all output so far, stdout and stderr together. */
  onOutput?(text: string, child: ChildProcess): void;
}

/** How it is started. */
export function cliProcess(
  args: readonly string[],
  { folder, env, nodeArguments = [] }: Pick<CliOptions, "folder" | "env" | "nodeArguments">,
) {
  const { PATH = "", HOME = "" } = process.env;
  const own = {
    XDG_CONFIG_HOME: folder,
    XDG_CACHE_HOME: join(folder, "xdg-cache"),
    VIKHR_CACHE: join(folder, "cache"),
    VIKHR_DATA: join(folder, "data"),
  };
  return {
    command: process.execPath,
    args: [...nodeArguments, MAIN, ...args],
    cwd: folder,
    env: { PATH, HOME, ...own, ...env },
  };
}

export function runCli(args: readonly string[], options: CliOptions): Promise<CliRun> {
  const { stdin } = options;
  const { command, args: given, cwd, env } = cliProcess(args, options);
  // A group of its own: Ctrl-C in a terminal reaches all processes of it.
  const child = spawn(command, given, { cwd, env, stdio: ["pipe", "pipe", "pipe"], detached: true });
  const run = { stdout: "", stderr: "" };
  let all = "";
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      run[name] += text;
      all += text;
      options.onOutput?.(all, child);
    });
  // A command that does not read stdin closes it.
  child.stdin.on("error", () => undefined).end(stdin ?? "");
  options.onStart?.(child);
  return new Promise((done) => child.on("close", (code) => done({ code, ...run })));
}
