/**
 * npm run bench -- server
 *
 * `vikhr serve` with the shipped model: 200 clients that stream for a minute, and more than are taken, now and then; requests
 * a second beside llama-server; and what HTTP costs on top of an engine that takes no time.
 */
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatBytes } from "../src/util/format-quantity.ts";
import { buildPeers } from "./engine/build-peers.ts";
import { LlamaServer } from "./engine/peers.ts";
import { chat } from "./server/clients.ts";
import { VikhrServer } from "./server/ours.ts";
import { measureOverhead } from "./server/overhead.ts";
import { soak } from "./server/soak.ts";
import { median } from "./statistics.ts";

const NANO = join(import.meta.dirname, "../models/nano.gguf");
const CACHE = join(homedir(), ".cache", "vikhr-bench", "peers");
const SLOTS = 16;
const CONTEXT_SIZE = 4096;
/** Of one measurement of requests a second. */
const RATE = { clients: 32, seconds: 10, maxTokens: 32 };

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      clients: { type: "string", default: "200" },
      seconds: { type: "string", default: "60" },
      rounds: { type: "string", default: "3" },
      json: { type: "boolean", default: false },
    },
  });
  const rows: Row[] = [];
  const add = (found: readonly Row[]) => {
    rows.push(...found);
    if (!values.json) for (const row of found) console.log(describe(row));
  };
  const overhead = await measureOverhead();
  add([
    atMost("HTTP on top of an engine: a request", overhead.request, 2, "ms"),
    atMost("and each streamed token, processor time", overhead.token, 50, "us"),
  ]);
  add(await soaked(Number(values.clients), Number(values.seconds)));
  add(await besidePeer(Number(values.rounds)));
  if (values.json) console.log(JSON.stringify(rows));
  if (rows.some(({ isMet }) => !isMet)) process.exitCode = 1;
}

interface Row {
  what: string;
  figure: number;
  bar: string;
  isMet: boolean;
  detail: string;
}

function atMost(what: string, figure: number, bar: number, unit: string, detail = ""): Row {
  return { what, figure, bar: `at most ${bar} ${unit}`.trim(), isMet: figure <= bar, detail };
}

async function soaked(clients: number, seconds: number): Promise<Row[]> {
  const server = await VikhrServer.start(["--model", "nano", "--context-size", String(CONTEXT_SIZE)]);
  try {
    const figures = await soak(server, { clients, seconds });
    const { answers, tokens, lost, mixed, faults, refusal, refusals, firstHalf, secondHalf } = figures;
    const what = `${clients} clients for ${seconds} s`;
    const amount = `${answers} answers, ${tokens} tokens`;
    return [
      atMost(`${what}: lost`, lost, 0, "", amount),
      atMost(`${what}: mixed`, mixed, 0, ""),
      atMost(`${what}: faults`, faults, 0, ""),
      atMost("p95 to the first byte of a refusal", refusal, 100, "ms", `${refusals} refused`),
      atMost(
        "resident in the second half / in the first, at the least",
        secondHalf / firstHalf,
        1.05,
        "",
        `${formatBytes(firstHalf)} to ${formatBytes(secondHalf)}`,
      ),
    ];
  } finally {
    await server.stop();
  }
}

/** In turns, ours and the peer's: A B A B. */
async function besidePeer(rounds: number): Promise<Row[]> {
  const peers = await buildPeers(CACHE, (text) => process.stderr.write(`${text}\n`));
  if (!peers) return [];
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const server = await VikhrServer.start(["--model", "nano", "--context-size", String(CONTEXT_SIZE)]);
    ours.push(await requestsPerSecond(server.url));
    await server.stop();
    const options = { model: NANO, threads: 2, onGpu: false, slots: SLOTS, contextSize: CONTEXT_SIZE };
    const peer = await LlamaServer.start(peers.server, options);
    theirs.push(await requestsPerSecond(peer.url));
    await peer.stop();
  }
  const [our, their] = [median(ours), median(theirs)];
  const figure = our / their;
  const detail = `${our.toFixed(1)} / ${their.toFixed(1)} requests/s`;
  return [
    { what: "requests/s / llama-server's", figure, bar: "at least 0.95", isMet: figure >= 0.95, detail },
  ];
}

async function requestsPerSecond(url: string): Promise<number> {
  const run = async (seconds: number) => {
    let done = 0;
    const start = performance.now();
    await Promise.all(
      Array.from({ length: RATE.clients }, async (_, client) => {
        for (let i = 0; performance.now() - start < 1000 * seconds; i++) {
          const content = `Question ${client}-${i}: which river is the longest, and where does it rise?`;
          const body = { messages: [{ role: "user", content }], max_tokens: RATE.maxTokens, temperature: 0 };
          if ((await chat(url, body, false)).status === 200) done++;
        }
      }),
    );
    return (1000 * done) / (performance.now() - start);
  };
  await run(2);
  const rate = await run(RATE.seconds);
  return rate;
}

const describe = ({ what, figure, bar, isMet, detail }: Row) =>
  [
    what.padEnd(50),
    String(Number(figure.toPrecision(3))).padStart(8),
    bar.padEnd(16),
    isMet ? "      " : "MISSED",
    detail,
  ].join("  ");
