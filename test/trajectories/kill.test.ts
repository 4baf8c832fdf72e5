/**
 * kill -9 at any moment, also while a checkpoint is being written: the run, started again, ends with the same bytes
 * as one that was never stopped, and with the same metrics, each step once.
 */
import { fork } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SftSettings } from "../../src/train/sft-settings.ts";
import { EVALUATION, metricsOf, tinySettings, writeTinyVocabulary } from "./tiny-run.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-kill-"));
beforeAll(() => writeTinyVocabulary(folder));
afterAll(() => rmSync(folder, { recursive: true }));

const STEPS = 24;

/** Checkpoints after every step; a model large enough that writing one takes a while. */
function settingsOf(name: string): SftSettings {
  return tinySettings(folder, name, {
    fresh_model: {
      ...tinySettings(folder, name).fresh_model!,
      hidden_size: 128,
      intermediate_size: 256,
    },
    max_steps: STEPS,
    eval_dataset: EVALUATION,
    eval_steps: 6,
    save_minutes: 1e-9,
  });
}

interface Attempt {
  killed: boolean;
  /** Steps reported before the end; a resumed attempt begins above 1. */
  steps: number[];
}

/** What a test may kill at: a step was reported, a file of the run's folder changed, time passed since the start. */
interface Moment {
  step?: number;
  file?: string;
  milliseconds?: number;
}

/** Runs until the end, or until `shouldKill` says so. */
function attempt(settings: SftSettings, shouldKill: (moment: Moment) => boolean): Promise<Attempt> {
  const config = `${settings.output_dir}.json`;
  writeFileSync(config, JSON.stringify(settings));
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, "train-child.ts"), [config], {
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let complaint = "";
    child.stderr!.on("data", (text) => {
      complaint += text;
    });
    const steps: number[] = [];
    const consider = (moment: Moment) => {
      if (shouldKill(moment)) child.kill("SIGKILL");
    };
    const stop: (() => void)[] = [];
    child.on("message", (message) => {
      if (message === "begin") {
        const watcher = watch(settings.output_dir, (_, file) => consider({ file: String(file) }));
        const start = performance.now();
        const timer = setInterval(() => consider({ milliseconds: performance.now() - start }), 2);
        stop.push(
          () => watcher.close(),
          () => clearInterval(timer),
        );
      } else {
        steps.push(message as number);
        consider({ step: message as number });
      }
    });
    child.on("close", (code, signal) => {
      for (const end of stop) end();
      if (code !== 0 && signal !== "SIGKILL") reject(new Error(complaint));
      else resolve({ killed: signal === "SIGKILL", steps });
    });
  });
}

/** Files that were being written when the process was killed. */
const unfinished = (settings: SftSettings) =>
  readdirSync(settings.output_dir).filter((name) => name.endsWith(".tmp")).length;

test("a run killed again and again ends as one that was not", async () => {
  const whole = settingsOf("whole");
  expect((await attempt(whole, () => false)).steps).toHaveLength(STEPS);

  const killed = settingsOf("killed");
  // Most likely before the first checkpoint is there.
  await attempt(killed, ({ step }) => step === 1);
  // While a checkpoint is being written; the kill may come late, so more than once.
  const isCheckpoint = ({ file }: Moment) => file?.startsWith(".checkpoint.gguf.") === true;
  for (let tries = 0; tries < 8 && unfinished(killed) === 0; tries++) await attempt(killed, isCheckpoint);
  expect(unfinished(killed)).toBeGreaterThan(0);
  // At random, and with what a power cut may leave.
  for (let i = 0; i < 3; i++) {
    const limit = 400 * Math.random();
    await attempt(killed, ({ milliseconds = 0 }) => milliseconds > limit);
    writeFileSync(join(killed.output_dir, "metrics.jsonl"), '{"step":', { flag: "a" });
  }
  await attempt(killed, ({ step }) => step === STEPS);
  await attempt(killed, ({ file }) => file?.startsWith(".model.gguf.") === true);
  expect((await attempt(killed, () => false)).killed).toBe(false);

  const bytes = (settings: SftSettings, name: string) => readFileSync(join(settings.output_dir, name));
  expect(bytes(killed, "model.gguf").equals(bytes(whole, "model.gguf"))).toBe(true);
  expect(metricsOf(killed)).toEqual(metricsOf(whole));
  expect(metricsOf(killed).map((row) => row.step)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
  expect(readdirSync(killed.output_dir).sort()).toEqual(readdirSync(whole.output_dir).sort());
});

test("a folder with the checkpoint of another run keeps its config and its metrics", async () => {
  const first = { ...settingsOf("kept"), max_steps: 2 };
  await attempt(first, () => false);
  const before = ["config.json", "metrics.jsonl", "checkpoint.gguf", "meta.json"].map((name) =>
    readFileSync(join(first.output_dir, name), "utf8"),
  );
  await expect(attempt({ ...first, learning_rate: 1 }, () => false)).rejects.toThrow(
    /other settings or data/,
  );
  const after = ["config.json", "metrics.jsonl", "checkpoint.gguf", "meta.json"].map((name) =>
    readFileSync(join(first.output_dir, name), "utf8"),
  );
  expect(after).toEqual(before);
});
