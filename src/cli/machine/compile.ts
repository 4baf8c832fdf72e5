/** `vikhr compile`: llama.cpp's library for processors, compiled for this one, tried, and kept. Ctrl-C leaves nothing behind. */
import { EXIT, VikhrError } from "../../errors.ts";
import { compileLibrary } from "../../tensor/ggml/compiled/compile-library.ts";
import { formatDuration } from "../../util/format-quantity.ts";
import { progressLine } from "../../util/progress-line.ts";
import { terminalJson, terminalLine } from "../../util/terminal-text.ts";
import { onInterrupt } from "../signals.ts";
import { probe } from "./probe.ts";

export async function compile(flags: Record<string, unknown>): Promise<number> {
  const interruption = onInterrupt();
  const line = progressLine();
  const start = performance.now();
  try {
    const path = await compileLibrary({
      signal: interruption.signal,
      check,
      onProgress(share) {
        const left = ((performance.now() - start) / 1000) * (1 / share - 1);
        line.show(`compiling  ${Math.round(100 * share)} %  ETA ${formatDuration(left)}`);
      },
    });
    line.clear();
    process.stdout.write(
      flags.json
        ? `${terminalJson({ path })}\n`
        : `${terminalLine(`models on this processor are computed with ${path} from now on; delete it to go back`)}\n`,
    );
    return EXIT.ok;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    line.clear();
    process.stderr.write("vikhr: stopped; nothing was changed\n");
    return EXIT.interrupted;
  } finally {
    line.clear();
    interruption.dispose();
  }
}

/** A compiler may be wrong, too. */
async function check(library: string): Promise<void> {
  for (const what of ["gradients", "products"] as const) {
    const { status, detail } = await probe({ probe: what, library });
    if (status !== "ok")
      throw new VikhrError(`what was compiled computes wrongly, and is not kept: ${detail}`);
  }
}
