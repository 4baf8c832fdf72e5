/** The peers at work: what llama-bench prints, and llama-server asked over HTTP as its users ask it. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { median } from "../statistics.ts";
import type { Stream } from "./streams.ts";

export interface PeerOptions {
  model: string;
  threads: number;
  onGpu: boolean;
}

/**
 * Of llama-bench, on a GPU the last one counts: a driver first runs what it compiled in haste. On an H200 the tenth prompt took a
 * third of the first one's time.
 */
export const GPU_RUNS = 20;
/** Of llama-bench elsewhere, and of our answers everywhere, the median of so many counts: a small model's takes 20 ms. */
export const RUNS = 5;

/** Tokens a second of a prompt of so many tokens, and of as many written one by one. */
export async function llamaBench(
  path: string,
  { model, threads, onGpu }: PeerOptions,
  { prefill, decode }: { prefill: number; decode: number },
): Promise<{ prefill: number; decode: number }> {
  const device = onGpu ? ["-ngl", "99"] : ["-ngl", "0"];
  const amount = ["-p", String(prefill), "-n", String(decode), "-r", String(onGpu ? GPU_RUNS : RUNS)];
  const args = ["-m", model, "-t", String(threads), ...device, ...amount, "-o", "json"];
  const { stdout } = await promisify(execFile)(path, args);
  const rows = JSON.parse(stdout) as { n_prompt: number; samples_ts: number[] }[];
  const speed = (isPrefill: boolean) => {
    const samples = rows.find((row) => row.n_prompt > 0 === isPrefill)!.samples_ts;
    return onGpu ? samples.at(-1)! : median(samples);
  };
  return { prefill: speed(true), decode: speed(false) };
}

export class LlamaServer {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** `contextSize`: of all slots together. */
  static async start(
    path: string,
    options: PeerOptions & { slots: number; contextSize: number },
  ): Promise<LlamaServer> {
    const { model, threads, onGpu, slots, contextSize } = options;
    const port = await freePort();
    const size = ["-np", String(slots), "-c", String(contextSize), "--kv-unified"];
    const device = ["-t", String(threads), "-ngl", onGpu ? "99" : "0"];
    const place = ["--host", "127.0.0.1", "--port", String(port)];
    const child = spawn(path, ["-m", model, ...size, ...device, ...place], { stdio: "ignore" });
    const server = new LlamaServer(child, `http://127.0.0.1:${port}`);
    await server.#ready();
    return server;
  }

  readonly stream: Stream = async (prompt, maxTokens, onToken) => {
    const body = { prompt, n_predict: maxTokens, temperature: 0, stream: true, cache_prompt: false };
    // A connection for each request: the server closes those that it keeps whenever it likes.
    const asked = request(`${this.url}/completion`, { method: "POST", agent: false });
    asked.end(JSON.stringify(body));
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    if (response.statusCode !== 200) throw new Error(`llama-server: ${response.statusCode}`);
    for await (const line of createInterface({ input: response })) {
      if (!line.startsWith("data: ")) continue;
      const { tokens } = JSON.parse(line.slice(6)) as { tokens?: number[] };
      for (let i = 0; i < (tokens?.length ?? 0); i++) onToken();
    }
  };

  async stop(): Promise<void> {
    this.#child.kill();
    if (this.#child.exitCode === null) await once(this.#child, "exit");
  }

  async #ready(): Promise<void> {
    for (;;) {
      if (this.#child.exitCode !== null)
        throw new Error(`llama-server ended with code ${this.#child.exitCode}`);
      const answer = await fetch(`${this.url}/health`).catch(() => undefined);
      if (answer?.ok) return;
      await setTimeout(100);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
