/** `vikhr doctor`: what this machine offers and what is wrong with it, one line each. Native code is tried apart. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import picocolors from "picocolors";
import { EXIT, VikhrError } from "../../errors.ts";
import { processorFlags } from "../../util/processor-flags.ts";
import { terminalJson, terminalLine } from "../../util/terminal-text.ts";
import { describeModel } from "../open-model.ts";
import { defaultConfigPath, readSettings } from "../settings.ts";
import type { Finding } from "./doctor-worker.ts";
import { probe } from "./probe.ts";

interface Check extends Finding {
  name: string;
}

const MARKS = { ok: "ok", warn: "warn", fail: "FAIL" };
/** Instructions that ggml has faster kernels for. */
const FEATURES = [
  "avx",
  "avx2",
  "fma",
  "f16c",
  "avx512f",
  "avx512_vnni",
  "avx512_bf16",
  "amx_tile",
  "asimd",
  "i8mm",
  "sve",
];

export async function doctor(flags: Record<string, unknown>): Promise<number> {
  const checks: Check[] = [];
  const color = picocolors.createColors(Boolean(process.stdout.isTTY) && picocolors.isColorSupported);
  const paint = { ok: color.green, warn: color.yellow, fail: color.red };
  const add = (name: string, { status, detail }: Finding) => {
    checks.push({ name, status, detail });
    if (!flags.json)
      process.stdout.write(
        `${paint[status](MARKS[status].padEnd(5))} ${name.padEnd(14)} ${terminalLine(detail)}\n`,
      );
  };
  add("Node", nodeVersion());
  add("processor", processor());
  add("memory", memory());
  add("libraries", libraries());
  add("llama.cpp", await probe({ probe: "llama" }));
  add("GPU", await probe({ probe: "gpu" }));
  add("gradients", await probe({ probe: "gradients" }));
  add("configuration", configuration());
  if (flags.json) process.stdout.write(`${terminalJson({ checks })}\n`);
  return checks.some(({ status }) => status === "fail") ? EXIT.failure : EXIT.ok;
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const enough = major > 20 || (major === 20 && minor >= 19);
  const detail = `${process.version} on ${process.platform} ${process.arch}`;
  return enough
    ? { status: "ok", detail }
    : { status: "fail", detail: `${detail}: 20.19 or later is needed` };
}

function processor(): Finding {
  const cores = cpus();
  const model = cores[0]?.model.trim() || "unknown processor";
  const flags = processorFlags();
  const features = flags && FEATURES.filter((feature) => flags.includes(feature));
  const known = features === undefined ? "" : `; ${features.join(" ") || "no vector instructions"}`;
  const detail = `${model}, ${cores.length} logical cores${known}`;
  if (process.arch === "x64" && features && !features.includes("avx2"))
    return { status: "warn", detail: `${detail}: without AVX2 models are several times slower` };
  return { status: "ok", detail };
}

function memory(): Finding {
  const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
  const available = process.availableMemory();
  const detail = `${gib(available)} of ${gib(totalmem())} GiB free`;
  return available < 2 * 2 ** 30
    ? { status: "warn", detail: `${detail}: small models and quotes only` }
    : { status: "ok", detail };
}

/** The native ABI is that of the pinned versions: another one may compute nonsense, or crash. */
function libraries(): Finding {
  const { version, dependencies } = readJson(new URL("../../../package.json", import.meta.url)) as {
    version: string;
    dependencies: Record<string, string>;
  };
  const wrong: string[] = [];
  for (const [name, pinned] of Object.entries(dependencies)) {
    const installed = installedVersion(name);
    if (installed !== pinned) wrong.push(`${name} is ${installed ?? "missing"} and must be ${pinned}`);
  }
  if (wrong.length > 0) return { status: "fail", detail: `${wrong.join("; ")}: run npm ci` };
  const native = ["node-llama-cpp", "koffi"].map((name) => `${name} ${dependencies[name]}`);
  return { status: "ok", detail: `vikhr ${version}, ${native.join(", ")}, all as pinned` };
}

/** Found by folder: not every package exports its package.json. */
function installedVersion(name: string): string | undefined {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const path = folders.map((folder) => join(folder, name, "package.json")).find((file) => existsSync(file));
  return path === undefined ? undefined : (readJson(path) as { version: string }).version;
}

function configuration(): Finding {
  const path = defaultConfigPath();
  try {
    const settings = readSettings({ flags: {} });
    const place = existsSync(path) ? path : `no ${path}`;
    return { status: "ok", detail: `${place}; answers by ${describeModel(settings)}` };
  } catch (error) {
    if (error instanceof VikhrError) return { status: "warn", detail: error.message };
    throw error;
  }
}

function readJson(path: string | URL): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}
