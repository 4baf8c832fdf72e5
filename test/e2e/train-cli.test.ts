/** `vikhr train` end to end: a tokenizer, a run that is interrupted, killed, resumed and finished, and its curves. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readGguf } from "../../src/gguf/read-gguf.ts";
import { runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-train-"));
afterAll(() => rmSync(folder, { recursive: true }));

const rows = Array.from({ length: 48 }, (_, i) => ({
  messages: [
    { role: "user", content: `Сколько будет ${i} и ${i}?` },
    { role: "assistant", content: `Будет ${2 * i}, that is all.` },
  ],
}));
writeFileSync(join(folder, "rows.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
const sftConfig = (output: string, steps: number) => {
  const config = {
    output_dir: output,
    fresh_model: {
      hidden_size: 16,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      num_key_value_heads: 1,
      intermediate_size: 32,
    },
    tokenizer: "vocabulary.json",
    dataset: "rows.jsonl",
    eval_dataset: "rows.jsonl",
    max_length: 96,
    max_steps: steps,
    logging_steps: 1,
    eval_steps: 1000,
    warmup_steps: 2,
    threads: 1,
  };
  writeFileSync(join(folder, `${output}.yaml`), JSON.stringify(config));
  return `${output}.yaml`;
};
const metricsOf = (output: string) => join(folder, output, "metrics.jsonl");
const steps = (output: string) =>
  existsSync(metricsOf(output)) ? readFileSync(metricsOf(output), "utf8").trim().split("\n").length : 0;
const sft = (...args: string[]) => runCli(["train", "sft", ...args], { folder });

/** Runs until some steps are done, and then does that to it. */
async function disturbed(config: string, output: string, disturb: (pid: number) => void) {
  let timer: NodeJS.Timeout | undefined;
  const run = await runCli(["train", "sft", config], {
    folder,
    onStart: (child) => {
      timer = setInterval(() => {
        if (steps(output) < 3) return;
        clearInterval(timer);
        disturb(child.pid!);
      }, 20);
    },
  });
  clearInterval(timer);
  return run;
}

test("a tokenizer from dialogues and texts", async () => {
  writeFileSync(join(folder, "more.md"), "Ещё немного текста, and some more text. ".repeat(20));
  writeFileSync(
    join(folder, "tokenizer.yaml"),
    "output: vocabulary.json\nvocab_size: 290\ndataset: rows.jsonl\ntexts: [more.md]\nmax_bytes_per_file: 601\n",
  );
  const run = await runCli(["train", "tokenizer", "tokenizer.yaml", "--json"], { folder });
  expect([run.code, run.stderr]).toEqual([0, ""]);
  expect(JSON.parse(run.stdout)).toMatchObject({ output: "vocabulary.json", tokens: 290, files: 2 });
  expect(existsSync(join(folder, "vocabulary.json"))).toBe(true);
});

test("Ctrl-C keeps a checkpoint, and the same command goes on to the end", async () => {
  const config = sftConfig("stopped", 400);
  const stopped = await disturbed(config, "stopped", (pid) => process.kill(-pid, "SIGINT"));
  expect(stopped.code).toBe(130);
  expect(stopped.stderr).toMatch(/^vikhr: [^\n]*saving[^\n]*\n$/);
  expect(stopped.stdout).toMatch(/^training: [^\n]*\nstopped; [^\n]*\n$/);
  const before = steps("stopped");
  expect(before).toBeLessThan(400);
  expect(existsSync(join(folder, "stopped", "checkpoint.gguf"))).toBe(true);
  expect(existsSync(join(folder, "stopped", "model.gguf"))).toBe(false);

  const resumed = await sft(config, "--plot");
  expect([resumed.code, resumed.stderr]).toEqual([0, ""]);
  expect(resumed.stdout).toMatch(
    /^going on from the checkpoint: [^\n]*\nwrote stopped\/model\.gguf [^\n]*\n$/,
  );
  const rows = readFileSync(metricsOf("stopped"), "utf8").trim().split("\n");
  expect(rows.map((row) => (JSON.parse(row) as { step: number }).step)).toEqual(
    Array.from({ length: 400 }, (_, i) => i + 1),
  );
  expect(readGguf(join(folder, "stopped", "model.gguf")).tensors.length).toBeGreaterThan(5);
  expect(readFileSync(join(folder, "stopped", "curves.svg"), "utf8")).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
});

test.runIf(process.platform === "linux")("a process that dies is reported in one line", async () => {
  const config = sftConfig("died", 100_000);
  const died = await disturbed(config, "died", (pid) => {
    // As ggml ends a process in which an assertion fails.
    for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" "))
      if (readFileSync(`/proc/${child}/cmdline`, "utf8").includes("sft-worker"))
        process.kill(Number(child), "SIGABRT");
  });
  expect(died.code).toBe(1);
  expect(died.stderr).toMatch(
    /^vikhr: training stopped: [^\n]*SIGABRT[^\n]*the same command goes on from the last checkpoint in died\n$/,
  );
});

test("settings that are wrong are one line", async () => {
  writeFileSync(join(folder, "wrong.yaml"), "output_dir: wrong\ndataset: rows.jsonl\nlerning_rate: 1\n");
  const run = await sft("wrong.yaml");
  expect(run.code).toBe(2);
  expect(run.stderr).toMatch(/^vikhr: wrong\.yaml: [^\n]+\n$/);
  const lost = sftConfig("lost", 5);
  writeFileSync(
    join(folder, lost),
    readFileSync(join(folder, lost), "utf8").replaceAll("rows.jsonl", "lost.jsonl"),
  );
  const missing = await sft(lost);
  expect([missing.code, missing.stdout]).toEqual([2, ""]);
  expect(missing.stderr).toMatch(/^vikhr: cannot read lost\.jsonl: [^\n]+\n$/);
  const untold = sftConfig("untold", 5);
  const config = JSON.parse(readFileSync(join(folder, untold), "utf8"));
  writeFileSync(join(folder, untold), JSON.stringify({ ...config, auxiliary_loss_weight: 1 }));
  const without = await sft(untold);
  expect([without.code, without.stdout]).toEqual([2, ""]);
  expect(without.stderr).toMatch(/^vikhr: rows\.jsonl: no row has targets[^\n]+\n$/);
});
