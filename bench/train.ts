/**
 * Training speed: tokens/s of the training loop at three sizes, and which part of the speed of a
 * large product that is; beside PyTorch where it is installed, on the same shapes, in alternating runs. Then where a step's time
 * goes. Ratios are medians of runs next to each other, so that other work on the machine hits both alike.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { type GgmlBackend, openGgmlBackend } from "../src/tensor/ggml/backend.ts";
import { median } from "./statistics.ts";
import { type Limit, mulMatLimit } from "./train/mul-mat-limit.ts";
import { ourSteps } from "./train/our-steps.ts";
import { findPython, HOW_TO_INSTALL, openPeer, type Peer } from "./train/peer-steps.ts";
import { type BenchShape, SHAPES } from "./train/shapes.ts";
import { type OperationTime, timeByOperation } from "./train/time-by-operation.ts";

interface Measurement {
  size: string;
  threads: number;
  parameters: number;
  /** Medians over the rounds; `range` is [least, most]. */
  tokensPerSecond: number;
  range: [number, number];
  /** By 6 N D. */
  gflops: number;
  /** ggml's own f32 product of 512 x 512 matrices, and the generated one. */
  mulMatGflops: number;
  generatedGflops: number;
  /** Of the faster of the two. */
  fractionOfLimit: number;
  pytorch?: { version: string; blas: string[]; tokensPerSecond: number; ratio: number; cpuRatio: number };
}

/** A round of one trainer takes about this long, but a step at least. */
const SECONDS_A_ROUND = 2;

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      /** Some of 1M, 8M, 30M. */
      sizes: { type: "string", default: "1M,8M,30M" },
      threads: { type: "string", default: "1,2" },
      rounds: { type: "string", default: "5" },
      json: { type: "boolean", default: false },
    },
  });
  const rounds = Number(values.rounds);
  const python = findPython();
  const note = (text: string) => process.stderr.write(`${text}\n`);
  if (!python) note(HOW_TO_INSTALL);
  const measurements: Measurement[] = [];
  const breakdowns: { size: string; operations: OperationTime[] }[] = [];
  for (const shape of SHAPES.filter(({ name }) => values.sizes.split(",").includes(name))) {
    for (const threads of values.threads.split(",").map(Number)) {
      note(`${shape.name}, ${threads} threads ...`);
      measurements.push(await measure(shape, threads, rounds, python));
    }
    note(`${shape.name}, by operation ...`);
    const backend = await openGgmlBackend();
    breakdowns.push({ size: shape.name, operations: await timeByOperation(shape, backend, rounds) });
    backend.close();
  }
  if (values.json) console.log(JSON.stringify({ processor: cpus()[0]?.model, measurements, breakdowns }));
  else print(measurements, breakdowns);
}

async function measure(
  shape: BenchShape,
  threads: number,
  rounds: number,
  python: string | undefined,
): Promise<Measurement> {
  const backend = await openGgmlBackend({ threads });
  const peer = python === undefined ? undefined : await openPeer(python, shape, threads);
  const limit = await mulMatLimit(threads);
  const found = await alternate(shape, backend, peer, limit, rounds);
  limit.close();
  peer?.close();
  backend.close();
  const tokensPerSecond = median(found.ours);
  const gflops = (6 * found.parameters * tokensPerSecond) / 1e9;
  return {
    size: shape.name,
    threads,
    parameters: found.parameters,
    tokensPerSecond,
    range: [Math.min(...found.ours), Math.max(...found.ours)],
    gflops,
    mulMatGflops: median(found.limit.map(({ library }) => library)),
    generatedGflops: median(found.limit.map(({ generated }) => generated)),
    fractionOfLimit: median(
      found.ours.map((rate, i) => {
        const { library, generated } = found.limit[i]!;
        return (6 * found.parameters * rate) / 1e9 / Math.max(library, generated);
      }),
    ),
    ...(peer && {
      pytorch: {
        version: peer.version,
        blas: peer.blas,
        tokensPerSecond: median(found.theirs),
        ratio: median(found.ours.map((rate, i) => rate / found.theirs[i]!)),
        cpuRatio: median(found.ourCpu.map((rate, i) => rate / found.theirCpu[i]!)),
      },
    }),
  };
}

/** Of each round: tokens a second, and a second of the processor; the limit in GFLOPS. */
interface Rates {
  ours: number[];
  theirs: number[];
  ourCpu: number[];
  theirCpu: number[];
  limit: { library: number; generated: number }[];
}

/** Rounds of ours, theirs, and the limit, after a step each that does not count. */
async function alternate(
  shape: BenchShape,
  backend: GgmlBackend,
  peer: Peer | undefined,
  limit: Limit,
  rounds: number,
) {
  const trainer = ourSteps(shape, backend);
  if (peer && peer.parameters !== trainer.parameters)
    throw new Error(`the peer has ${peer.parameters} parameters, and ours ${trainer.parameters}`);
  const tokens = shape.length * shape.rows;
  const stepsFor = (seconds: number) => Math.max(1, Math.round(SECONDS_A_ROUND / seconds));
  await trainer.take(1);
  await peer?.take(1);
  await limit.measure();
  const ourCount = stepsFor((await trainer.take(1)).seconds);
  const theirCount = peer ? stepsFor((await peer.take(1)).seconds) : 0;
  const found: Rates = { ours: [], theirs: [], ourCpu: [], theirCpu: [], limit: [] };
  for (let round = 0; round < rounds; round++) {
    const ours = await trainer.take(ourCount);
    found.ours.push((tokens * ourCount) / ours.seconds);
    found.ourCpu.push((tokens * ourCount) / ours.cpuSeconds);
    if (peer) {
      const theirs = await peer.take(theirCount);
      found.theirs.push((tokens * theirCount) / theirs.seconds);
      found.theirCpu.push((tokens * theirCount) / theirs.cpuSeconds);
    }
    found.limit.push(await limit.measure());
  }
  await trainer.close();
  return { ...found, parameters: trainer.parameters };
}

function print(
  measurements: Measurement[],
  breakdowns: { size: string; operations: OperationTime[] }[],
): void {
  console.log(`${cpus()[0]?.model}, rows of 256 tokens x 4\n`);
  row([
    "size",
    "threads",
    "tokens/s",
    "least-most",
    "GFLOPS",
    "mul_mat",
    "ours",
    "part",
    "PyTorch",
    "ratio",
    "by CPU",
  ]);
  for (const m of measurements)
    row([
      m.size,
      String(m.threads),
      m.tokensPerSecond.toFixed(0),
      m.range.map((rate) => rate.toFixed(0)).join("-"),
      m.gflops.toFixed(1),
      m.mulMatGflops.toFixed(1),
      m.generatedGflops.toFixed(1),
      m.fractionOfLimit.toFixed(2),
      m.pytorch?.tokensPerSecond.toFixed(0) ?? "-",
      m.pytorch?.ratio.toFixed(2) ?? "-",
      m.pytorch?.cpuRatio.toFixed(2) ?? "-",
    ]);
  const pytorch = measurements.find((m) => m.pytorch)?.pytorch;
  if (pytorch)
    console.log(`\nPyTorch ${pytorch.version} with ${pytorch.blas.join(", ") || "no BLAS that is known"}`);
  for (const { size, operations } of breakdowns) {
    const total = operations.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    console.log(`\n${size}: ${total.toFixed(0)} ms a step by operation, one thread`);
    for (const { kind, count, milliseconds, gflops } of operations)
      console.log(
        [
          kind.padEnd(34),
          String(count).padStart(5),
          `${milliseconds.toFixed(1)} ms`.padStart(11),
          `${((100 * milliseconds) / total).toFixed(1)} %`.padStart(8),
          gflops === undefined ? "" : `${gflops.toFixed(1)} GFLOPS`.padStart(14),
        ].join(""),
      );
  }
}

function row(cells: string[]): void {
  const widths = [6, 8, 9, 13, 8, 8, 8, 6, 9, 7, 8];
  console.log(cells.map((cell, i) => cell.padStart(widths[i]!)).join(""));
}
