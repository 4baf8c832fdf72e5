/**
 * The process in which a fine-tuning run lives: settings in over the process's channel, reports out. A failed
 * assertion in ggml ends this process and no other.
 */
import { VikhrError } from "../errors.ts";
import type { FromWorker, ToWorker } from "./sft-messages.ts";
import type { SftSettings } from "./sft-settings.ts";

const abort = new AbortController();
// Ctrl-C reaches the whole group of processes; it is the parent that decides.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => abort.abort());
// A parent that is gone leaves a run that nobody watches: keep what there is.
process.on("disconnect", () => abort.abort());
process.on("message", (message: ToWorker) => {
  if (message.type === "abort") abort.abort();
  else void run(message.input);
});

async function run(settings: SftSettings): Promise<void> {
  try {
    const { openGgmlBackend } = await import("../tensor/ggml/backend.ts");
    const { calibrateThreads } = await import("../tensor/calibrate-threads.ts");
    const { runSft } = await import("./run-sft.ts");
    const backend = await openGgmlBackend(
      settings.threads === undefined ? {} : { threads: settings.threads },
    );
    const threads = settings.threads ?? (await calibrateThreads(backend));
    const done = await runSft(settings, backend, {
      signal: abort.signal,
      onStart: (facts) => send({ type: "started", facts: { ...facts, threads } }),
      onStep: async ({ state, progress, loss, learningRate, dropped, metrics }) => {
        const { step, tokens, seconds } = state;
        const report = { step, progress, tokens, seconds, learningRate, dropped };
        send({ type: "step", report: { ...report, metrics: { loss, ...metrics } } });
        // The loop computes without a pause: let messages, and so an abort, come in.
        await new Promise((resolve) => setImmediate(resolve));
      },
    });
    backend.close();
    send({ type: "done", aborted: !done });
  } catch (error) {
    const { message, stack } = error as Error;
    send({
      type: "failed",
      message,
      stack,
      exitCode: error instanceof VikhrError ? error.exitCode : undefined,
    });
  }
  if (process.connected) process.disconnect();
}

function send(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}
