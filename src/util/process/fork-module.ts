/** A module of ours started in a process of its own, in source form or compiled, with a channel for messages. */
import { type ChildProcess, fork } from "node:child_process";

export interface ForkModuleOptions {
  /** Added to this process's environment. */
  env?: Record<string, string> | undefined;
  /** Of Node itself, beside those that this process has. */
  nodeArguments?: readonly string[];
}

/** `module` is a sibling of the caller: `new URL("./worker.ts", import.meta.url)`; found as `.js` when compiled. */
export function forkModule(module: URL, { env, nodeArguments = [] }: ForkModuleOptions = {}): ChildProcess {
  const compiled = import.meta.url.endsWith(".js");
  return fork(compiled ? new URL(module.href.replace(/\.ts$/, ".js")) : module, {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    serialization: "advanced",
    execArgv: [...process.execArgv, ...nodeArguments],
    env: { ...process.env, ...env },
  });
}
