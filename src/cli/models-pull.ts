/** `vikhr models pull`: a model's name in; its checked file in the cache out. Ctrl-C keeps what has come. */
import { pullModel } from "../engine/registry/pull-model.ts";
import { EXIT } from "../errors.ts";
import { formatBytes, formatDuration } from "../util/format-quantity.ts";
import { progressLine } from "../util/progress-line.ts";
import { terminalJson, terminalLine } from "../util/terminal-text.ts";
import { onInterrupt } from "./signals.ts";

export async function modelsPull(model: string, flags: Record<string, unknown>): Promise<number> {
  const interruption = onInterrupt();
  const line = progressLine();
  try {
    const { path, bytes, sha256, cached } = await pullModel(model, {
      signal: interruption.signal,
      onProgress: ({ bytes, total, bytesPerSecond }) =>
        line.show(
          [
            terminalLine(model),
            `${formatBytes(bytes)} of ${formatBytes(total)}`,
            `${((100 * bytes) / total).toFixed(1)} %`,
            `${formatBytes(Math.round(bytesPerSecond))}/s`,
            `ETA ${formatDuration((total - bytes) / bytesPerSecond)}`,
          ].join("  "),
        ),
    });
    line.clear();
    process.stdout.write(
      flags.json
        ? `${terminalJson({ path, bytes, sha256, cached })}\n`
        : `${terminalLine(`${cached ? "already here" : "ready"}: ${path} (${formatBytes(bytes)}); use it with --model ${model}`)}\n`,
    );
    return EXIT.ok;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    line.clear();
    process.stderr.write(`vikhr: stopped; the same command goes on from there\n`);
    return EXIT.interrupted;
  } finally {
    line.clear();
    interruption.dispose();
  }
}
