/** `vikhr train sft`: a config file in; a run in a process of its own, followed on one line, and its folder out. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { EXIT } from "../errors.ts";
import { runSftInChild } from "../train/run-sft-in-child.ts";
import type { SftStart, SftStep } from "../train/sft-messages.ts";
import { readSftSettings } from "../train/sft-settings.ts";
import { formatCount, formatDuration } from "../util/format-quantity.ts";
import { progressLine } from "../util/progress-line.ts";
import { readTextFile } from "../util/read-text-file.ts";
import { terminalJson, terminalLine } from "../util/terminal-text.ts";
import { writeFileAtomic } from "../util/write-file-atomic.ts";
import { onInterrupt } from "./signals.ts";

const MAX_METRICS_BYTES = 512 * 1024 * 1024;

export async function trainSft(configPath: string, flags: Record<string, unknown>): Promise<number> {
  const settings = readSftSettings(configPath);
  const folder = settings.output_dir;
  const say = (text: string) => {
    if (!flags.json) process.stdout.write(`${terminalLine(text)}\n`);
  };
  const kill = new AbortController();
  const line = progressLine();
  const interruption = onInterrupt(() => kill.abort());
  interruption.signal.addEventListener("abort", () => {
    line.clear();
    process.stderr.write("vikhr: finishing this step and saving; Ctrl-C again stops at once\n");
  });
  const pace = trainingPace();
  let last: SftStep | undefined;
  try {
    const outcome = await runSftInChild(settings, {
      signal: interruption.signal,
      killSignal: kill.signal,
      onStart: (facts) => say(describeStart(facts, existsSync(join(folder, "checkpoint.gguf")))),
      onStep(report) {
        last = report;
        line.show(pace(report, performance.now() / 1000));
      },
    });
    line.clear();
    if (flags.plot) await drawCurves(folder);
    if (flags.json) process.stdout.write(`${terminalJson(summary(outcome, folder, last))}\n`);
    say(outcome === "done" ? describeEnd(folder, last) : `stopped; the same command goes on: ${folder}`);
    return outcome === "done" ? EXIT.ok : EXIT.interrupted;
  } finally {
    line.clear();
    interruption.dispose();
  }
}

/** The progress line of each report: rates over the last half minute, so that they follow a machine that changes. */
export function trainingPace(): (report: SftStep, now: number) => string {
  const window: { now: number; progress: number; tokens: number; seconds: number }[] = [];
  let latestEval: number | undefined;
  return ({ step, progress, tokens, seconds, metrics }, now) => {
    window.push({ now, progress, tokens, seconds });
    while (window.length > 2 && now - window[0]!.now > 30) window.shift();
    const first = window[0]!;
    const rate = (tokens - first.tokens) / (seconds - first.seconds);
    const remaining = ((1 - progress) * (now - first.now)) / (progress - first.progress);
    latestEval = metrics.eval_loss ?? latestEval;
    return [
      `step ${step}`,
      `loss ${metrics.loss?.toFixed(3)}`,
      ...(metrics.answer_loss === undefined ? [] : [`answer ${metrics.answer_loss.toFixed(3)}`]),
      ...(latestEval === undefined ? [] : [`eval ${latestEval.toFixed(3)}`]),
      ...(Number.isFinite(rate) ? [`${formatCount(rate)} tokens/s`] : []),
      `${(100 * progress).toFixed(1)} %`,
      ...(Number.isFinite(remaining) ? [`ETA ${formatDuration(remaining)}`] : []),
    ].join(" · ");
  };
}

function describeStart({ parameters, rows, threads }: SftStart, resumed: boolean): string {
  const start = resumed ? "going on from the checkpoint" : "training";
  return `${start}: ${formatCount(parameters)} parameters, ${formatCount(rows)} rows, ${threads} ${threads === 1 ? "thread" : "threads"}`;
}

function describeEnd(folder: string, last: SftStep | undefined): string {
  const model = join(folder, "model.gguf");
  if (!last) return `the run was complete already: ${model}`;
  const dropped = last.dropped > 0 ? `; left out for being longer than max_length: ${last.dropped}` : "";
  return `wrote ${model} after ${last.step} steps, ${formatCount(last.tokens)} tokens, ${formatDuration(last.seconds)}; loss ${last.metrics.loss?.toFixed(3)}${dropped}`;
}

function summary(outcome: "done" | "aborted", folder: string, last: SftStep | undefined) {
  return {
    status: outcome,
    output_dir: folder,
    ...(last && {
      step: last.step,
      progress: last.progress,
      num_tokens: last.tokens,
      seconds: last.seconds,
      dropped: last.dropped,
      ...last.metrics,
    }),
  };
}

async function drawCurves(folder: string): Promise<void> {
  const { plotCurves } = await import("../train/plot-curves.ts");
  const path = join(folder, "metrics.jsonl");
  // A run that was stopped before its first row.
  if (!existsSync(path)) return;
  const metrics = readTextFile(path, { maxBytes: MAX_METRICS_BYTES });
  await writeFileAtomic(join(folder, "curves.svg"), plotCurves(metrics, folder));
}
