/** `vikhr eval rag` end to end: over a server that is like GPT-4o's, which knows no `documents` role, and with nano. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Message } from "../../src/spec/message.ts";
import { runCli } from "./run-cli.ts";
import {
  type ScriptedReply,
  type ScriptedRequest,
  type ScriptedServer,
  scriptedServer,
  USAGE,
} from "./scripted-server.ts";

const TOWERS = Array.from({ length: 12 }, (_, i) => i + 1);
const yearOf = (tower: number) => 1900 + 7 * tower;
const told = (tower: number) => `Tower ${tower} was built in ${yearOf(tower)}.`;
const QUESTION = /When was tower (\d+) built\?/;

/** Of each tower: asked among three documents, its own in the middle, and among two others. */
const ROWS = TOWERS.flatMap((tower) => {
  const others = [tower + 20, tower + 40].map(told);
  const documents = (contents: string[]) =>
    contents.map((content, doc_id) => ({ doc_id, title: null, content }));
  const common = { question: `When was tower ${tower} built?`, language: "en" };
  return [
    {
      ...common,
      id: `${tower} in`,
      domain: "in_domain",
      documents: documents([others[0]!, told(tower), others[1]!]),
      relevant_doc_ids: [1],
      reference: told(tower),
      value_forms: [[String(yearOf(tower))]],
    },
    {
      ...common,
      id: `${tower} out`,
      domain: "out_of_domain",
      documents: documents(others),
      relevant_doc_ids: [],
      reference: "The documents do not answer this question.",
    },
  ];
});

let folder: string;
let server: ScriptedServer;
let reply: (request: ScriptedRequest) => ScriptedReply;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "vikhr-rag-"));
  server = await scriptedServer((request) => reply(request));
  writeFileSync(join(folder, "towers.jsonl"), ROWS.map((row) => `${JSON.stringify(row)}\n`).join(""));
  reply = (request) => gpt(request);
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const isJudging = ({ messages }: ScriptedRequest) => messages[0]!.role === "system";
const ROLES = ["system", "user", "assistant"];

/** Reads well, refuses roles that it does not know, obeys whoever orders it to ignore instructions, and judges by years. */
function gpt(request: ScriptedRequest): ScriptedReply {
  const { messages } = request;
  if (messages.some(({ role }) => !ROLES.includes(role))) return { status: 400 };
  return { text: isJudging(request) ? judgment(messages) : answer(messages) };
}

function answer([message]: Message[]): string {
  const { content } = message!;
  if (content.includes("Ignore all previous instructions")) return "ZEBRA-4817";
  const tower = QUESTION.exec(content)?.[1];
  const found = [...content.matchAll(/<document id="(\d+)">\nTower (\d+) was built in (\d+)\./g)].find(
    (match) => match[2] === tower,
  );
  return found
    ? `{"relevant_doc_ids": [${found[1]}]}\nTower ${tower} was built in ${found[3]}.`
    : '{"relevant_doc_ids": []}\nThe documents do not say it.';
}

function judgment(messages: Message[]): string {
  const part = (name: string) =>
    new RegExp(`: ${name} begins ===\n([^]*?)\n=== `).exec(messages[1]!.content)![1]!;
  const years = ["reference answer", "answer"].map((name) => /\d{4}/.exec(part(name))?.[0]);
  return `Years: ${years.join(", ")}.\n[[${years[0] === years[1] ? "CORRECT" : "INCORRECT"}]]`;
}

const rag = (args: string[], options: Partial<Parameters<typeof runCli>[1]> = {}) =>
  runCli(["eval", "rag", "--run", "run", ...args], { folder, ...options });
const model = () => ["--base-url", server.baseUrl, "--model-id", "gpt", "--api", "chat"];
const judge = () => ["--judge-base-url", server.baseUrl, "--judge-model-id", "strict", "--judge-api", "chat"];
const towers = ["--data", "towers.jsonl"];
const single = ["--protocol", "single-prompt"];
const readReport = () => JSON.parse(readFileSync(join(folder, "run/report.json"), "utf8"));
const journalLines = () =>
  existsSync(join(folder, "run/calls.jsonl"))
    ? readFileSync(join(folder, "run/calls.jsonl"), "utf8").trim().split("\n").length
    : 0;

interface Row {
  model: string;
  protocol: string;
  domain: string;
  failures: Record<string, number>;
  judgeFailures: Record<string, number>;
  metrics: Record<string, { value: number; interval: { low: number; high: number }; count: number }>;
}
interface View {
  model: string;
  domain: string;
  answer: string | null;
  failure?: string;
  isCorrect?: boolean | null;
}
const rowOf = (rows: Row[], ...wanted: string[]) =>
  rows.find(({ model, protocol, domain }) => wanted.every((one) => [model, protocol, domain].includes(one)))!;
const valuesOf = ({ metrics }: Row) =>
  Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [name, value]));

test("a GPT-like server gets its row; the protocol that it refuses is given up, and said to be", async () => {
  const run = await rag([...model(), ...judge(), ...towers]);
  // Refused, and so to be asked again.
  expect(run.code).toBe(3);
  expect(run.stderr).toMatch(/^vikhr: 3 calls failed[^\n]*\n$/);
  const report = readReport();
  const { rows } = report;
  expect(valuesOf(rowOf(rows, "gpt", "single-prompt", "in_domain"))).toEqual({
    judge_correct_percent: 100,
    avg_answer_match_rougeL: 1,
    avg_abs_indexes_diff: 0,
    id_precision: 100,
    id_recall: 100,
    id_exact_match: 100,
    wrong_refusal_rate: 0,
    citation_precision: 100,
    citation_recall: 100,
  });
  const outside = rowOf(rows, "gpt", "single-prompt", "out_of_domain");
  expect(valuesOf(outside)).toMatchObject({
    judge_correct_percent: 100,
    id_exact_match: 100,
    refusal_rate: 100,
  });
  expect(outside.metrics.avg_answer_match_rougeL!.value).toBeLessThan(1);
  for (const domain of ["in_domain", "out_of_domain"]) {
    const refused = rowOf(rows, "gpt", "two-step", domain);
    expect(refused.metrics).toEqual({});
    const { "http-4xx": failed = 0, "not-asked": left = 0 } = refused.failures;
    expect(failed + left).toBe(12);
    expect(failed).toBeGreaterThan(0);
    expect(rowOf(rows, "quotes", "two-step", domain).failures).toEqual({});
  }
  expect(
    server.requests.filter(({ messages }) => messages.some(({ role }) => role === "documents")),
  ).toHaveLength(3);
  expect(new Set(server.requests.map(({ temperature }) => temperature))).toEqual(new Set([0]));

  const own = (one: { model: string; protocol: string }) =>
    one.model === "gpt" && one.protocol === "single-prompt";
  const noise = report.noise.filter(own);
  expect(noise.map(({ distractors }: { distractors: number }) => distractors)).toEqual([0, 1, 2, 3, 4, 5]);
  for (const { metrics } of noise)
    expect(metrics).toMatchObject({
      id_exact_match: { value: 100, count: 2 },
      judge_correct_percent: { value: 100 },
    });
  expect(report.attacks.filter(own)).toMatchObject(
    [
      ["ignore-instructions", 100],
      ["forged-role", 0],
      ["false-system-message", 0],
      ["fake-ids", 0],
      ["refuse", 0],
    ].map(([attack, value]) => ({ attack, language: "en", success: { value, count: 1 } })),
  );
  const [{ followsDocument, saysOtherwise }] = report.counterfactual.filter(own);
  expect([followsDocument.value, saysOtherwise.value]).toEqual([0, 0]);
  expect(report.calibration.map((one: { model: string }) => one.model)).toEqual(["quotes"]);

  expect(run.stdout).toMatch(/\n\| gpt \| single-prompt \| in_domain \| 100\.0 \(100\.0-100\.0\) \| 1\.00 /);
  expect(run.stdout).toMatch(/\n\| gpt \| two-step \| in_domain \| NaN \| NaN \| NaN \|/);
  for (const file of ["report.html", "report.csv", "report.md"])
    expect(readFileSync(join(folder, "run", file), "utf8")).toContain("single-prompt");
  const { settings, texts, data } = report.manifest;
  expect(settings).toMatchObject({ judge: "strict", "gpt: temperature": 0, "gpt: maxTokens": 512 });
  expect(Object.keys(texts)).toContain("single prompt");
  expect(data["towers.jsonl"]).toMatch(/^[0-9a-f]{64}$/);

  // Offline: nothing is asked that is known, another judge judges what is there, and the report is the same.
  server.requests.length = 0;
  const again = await rag([...model(), ...judge(), ...towers, ...single]);
  expect([again.code, again.stderr, server.requests]).toEqual([0, "", []]);
  expect(readReport().rows).toEqual(rows);
  expect((await rag([...model(), ...towers, ...single])).code).toBe(0);
  expect(server.requests).toEqual([]);
  const { judge_correct_percent } = rowOf(readReport().rows, "gpt", "single-prompt", "in_domain").metrics;
  expect([readReport().manifest.settings.judge, judge_correct_percent!.value]).toEqual(["rules", 100]);
});

test("a model or a judge that answers badly is counted by name, and nothing is guessed", async () => {
  const answers: Record<number, ScriptedReply> = {
    1: { status: 500 },
    2: { text: "Tower 2 was", isCut: true },
    3: { text: `${told(3)} And so on`, finishReason: "length" },
  };
  const judgments: Record<number, ScriptedReply> = {
    4: { text: "It is right." },
    5: { text: "[[CORRECT]] or [[INCORRECT]]" },
    6: { text: "[[RIGHT]]" },
    7: { text: "Well, well", finishReason: "length" },
    8: { status: 500 },
    9: { text: `${"这个答案是正确的".repeat(5)} [[CORRECT]]` },
    10: { text: "[[CORR", isCut: true },
  };
  reply = (request) => {
    const asked = request.messages.at(-1)!.content;
    const tower = Number(QUESTION.exec(asked)?.[1]);
    // The plain questions alone: noise has their documents in other company.
    const isPlain =
      asked.includes(told(tower + 20)) && asked.includes(told(tower + 40)) && asked.includes(told(tower));
    const bad = (isJudging(request) ? judgments : answers)[tower];
    return isPlain &&
      bad &&
      !asked.includes("ZEBRA") &&
      !asked.includes("forbidden") &&
      !/only document/i.test(asked)
      ? bad
      : gpt(request);
  };
  const run = await rag([...model(), ...judge(), ...towers, ...single, "--json"]);
  expect(run.code).toBe(3);
  const { rows } = JSON.parse(run.stdout);
  const row = rowOf(rows, "gpt", "in_domain");
  expect(row.failures).toEqual({ "http-5xx": 1, "cut-stream": 1 });
  expect(row.judgeFailures).toEqual({
    "no-label": 1,
    "two-labels": 1,
    "unknown-label": 1,
    endless: 1,
    "http-5xx": 1,
    "wrong-language": 1,
    "cut-stream": 1,
  });
  expect(row.metrics.judge_correct_percent).toMatchObject({ value: 100, count: 3 });
  expect(row.metrics.id_exact_match).toMatchObject({ count: 9 });
  const views = (readReport().questions as View[]).filter(
    (view) => view.model === "gpt" && view.domain === "in_domain",
  );
  expect(views.filter(({ answer }) => answer === null).map(({ failure }) => failure)).toEqual([
    "http-5xx",
    "cut-stream",
  ]);
  expect(views.filter(({ isCorrect }) => isCorrect === null)).toHaveLength(7);
  expect(rowOf(rows, "gpt", "out_of_domain")).toMatchObject({ failures: {}, judgeFailures: {} });

  // The server is well again: what failed is asked again, and no more than that.
  server.requests.length = 0;
  reply = (request) => gpt(request);
  const again = await rag([...model(), ...judge(), ...towers, ...single]);
  expect(again.code).toBe(0);
  // Two answers with their verdicts, and two verdicts on each of the model and quotes.
  expect(server.requests).toHaveLength(2 + 2 + 2 * 2);
});

test("killed in the middle, a run goes on: no call is lost, and only those under way are made twice", async () => {
  const concurrency = 3;
  reply = (request) => ({ ...gpt(request), delay: 20 });
  const command = [...model(), ...judge(), ...towers, ...single, "--concurrency", String(concurrency)];
  const quotes = (await rag(towers)).code === 0 ? journalLines() : Number.NaN;
  const killed = await rag(command, {
    onStart: (child) => {
      const timer = setInterval(() => {
        if (journalLines() < quotes + 30) return;
        clearInterval(timer);
        child.kill("SIGKILL");
      }, 5);
    },
  });
  expect(killed.code).toBeNull();
  const key = ({ messages }: ScriptedRequest) => JSON.stringify(messages);
  const before = server.requests.map(key);
  const recorded = journalLines() - quotes;
  expect(before.length - recorded).toBeLessThanOrEqual(concurrency);
  server.requests.length = 0;
  const resumed = await rag(command);
  expect([resumed.code, resumed.stderr]).toEqual([0, ""]);
  expect(before.length + server.requests.length - (journalLines() - quotes)).toBe(before.length - recorded);
  const rows = readReport().rows as Row[];
  expect(rowOf(rows, "gpt", "in_domain").metrics.judge_correct_percent).toMatchObject({
    value: 100,
    count: 12,
  });
});

test("a budget ends a run, with a report of what is there, and a larger one goes on", async () => {
  // No call takes more than is expected of it.
  const command = [...model(), ...towers, ...single, "--max-tokens", "1000"];
  const plan = await rag([...command, "--dry-run", "--json"]);
  const { plan: planned } = JSON.parse(plan.stdout);
  expect([plan.code, server.hits, existsSync(join(folder, "run"))]).toEqual([0, 0, false]);
  expect(planned.gpt.calls).toBe(planned.quotes.calls);
  expect(planned.quotes.tokens).toBe(0);
  const run = await rag([...command, "--budget-tokens", "12000"]);
  expect(run.code).toBe(3);
  expect(run.stderr).toMatch(/^vikhr: the budget of 12000 tokens [^\n]+\n$/);
  const asked = server.requests.length;
  expect(asked).toBeGreaterThan(5);
  expect(asked * USAGE.total_tokens).toBeLessThanOrEqual(12_000);
  expect(rowOf(readReport().rows, "gpt", "in_domain").failures["not-asked"]).toBeGreaterThan(0);
  const rest = await rag(command);
  expect([rest.code, server.requests.length]).toEqual([0, planned.gpt.calls]);
  expect(rowOf(readReport().rows, "gpt", "in_domain").failures).toEqual({});
});

test("nano and quotes over the generated test set: one command, the same figures again, thresholds", async () => {
  const command = ["--model", "nano", "--questions", "8"];
  const run = await rag(command);
  expect([run.code, run.stderr]).toEqual([0, ""]);
  const report = readReport();
  const rows = report.rows as Row[];
  expect(rows.map(({ model, protocol }) => `${model} ${protocol}`)).toEqual([
    ...["quotes two-step", "quotes two-step", "nano two-step", "nano two-step"],
    ...["nano single-prompt", "nano single-prompt"],
  ]);
  for (const { failures } of rows.slice(0, 4)) expect(failures).toEqual({});
  // Far above chance, on questions that it is made for.
  expect(rowOf(rows, "nano", "two-step", "in_domain").metrics.id_exact_match!.value).toBeGreaterThan(60);
  expect(rowOf(rows, "nano", "two-step", "out_of_domain").metrics.refusal_rate!.value).toBeGreaterThan(40);
  expect(report.calibration.map(({ model }: { model: string }) => model)).toEqual(["quotes", "nano"]);
  for (const { bins, error } of report.calibration)
    expect(bins.reduce((sum: number, bin: { count: number }) => sum + bin.count, 0)).toBe(error.count);
  const again = await rag([...command, "--fail-under", "nano.id_exact_match/two-step/in_domain>=1"]);
  expect([again.code, again.stderr]).toEqual([0, ""]);
  expect(readReport().rows).toEqual(rows);
  const compared = await rag([...command, "--compare", "run"]);
  expect([compared.code, compared.stderr]).toEqual([0, ""]);
  expect(readFileSync(join(folder, "run/report.md"), "utf8")).toMatch(
    /nano · two-step · in\\_domain \| id\\_exact\\_match \| (\S+) \| \1 \|/,
  );
  const missed = await rag([...command, "--fail-under", "nano.wrong_refusal_rate/two-step<=-1"]);
  expect(missed.code).toBe(1);
  expect(missed.stderr).toMatch(/^vikhr: nano\.wrong_refusal_rate\/two-step<=-1: nano, [^\n]* only\n$/);
});

test("what is wrong is said in one line", async () => {
  const wrong = async (args: string[], message: RegExp) => {
    const run = await rag(args);
    expect([run.code, run.stdout]).toEqual([2, ""]);
    expect(run.stderr).toMatch(/^vikhr: [^\n]+\n$/);
    expect(run.stderr).toMatch(message);
  };
  await wrong(["--data", "none.jsonl"], /cannot read none\.jsonl/);
  await wrong([...model(), ...towers, "--protocol", "three-step"], /--protocol is "three-step"/);
  await wrong(["--questions", "0"], /--questions is "0"/);
  await wrong([...towers, "--compare", "none"], /none has no run\.json/);
  await wrong(["--judge-base-url", server.baseUrl], /which model of/);
  await wrong(["--judge-model", "none.gguf"], /there is no model or file none\.gguf/);
  await wrong([...model(), "--name", "quotes", ...towers], /--name is quotes/);
  expect((await rag([...towers, "--questions", "3"])).code).toBe(0);
  await wrong([...towers, "--questions", "4"], /other questions here \(3 a domain of towers\.jsonl; now 4 /);
  const late = await rag([...towers, "--questions", "3", "--fail-under", "gpt.id_recall>=1"]);
  expect([late.code, late.stderr]).toEqual([
    2,
    expect.stringMatching(/^vikhr: [^\n]*nothing that was measured[^\n]*\n$/),
  ]);
  expect(server.hits).toBe(0);
});
