/** `vikhr eval arena` end to end, over a real server that counts what it is asked. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCli } from "./run-cli.ts";
import {
  type ScriptedReply,
  type ScriptedRequest,
  type ScriptedServer,
  scriptedServer,
  USAGE,
} from "./scripted-server.ts";

const BASELINE = "gpt-3.5-turbo-0125";
const TOPICS = ["море", "лёд"];
const QUESTIONS = Array.from({ length: 10 }, (_, i) => `Вопрос ${i}?`);

let folder: string;
let server: ScriptedServer;
let reply: (request: ScriptedRequest) => ScriptedReply;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "vikhr-arena-"));
  server = await scriptedServer((request) => reply(request));
  writeQuestions(QUESTIONS);
  reply = () => ({ text: "Первый лучше. [[A>B]]" });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function writeJsonl(path: string, rows: readonly unknown[]): void {
  writeFileSync(join(folder, path), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}
function writeQuestions(texts: readonly string[]): void {
  const row = (content: string, i: number) => ({
    question_id: i,
    cluster: TOPICS[i % TOPICS.length],
    turns: [{ content }],
  });
  writeJsonl("questions.jsonl", texts.map(row));
}
const readRows = (path: string) =>
  readFileSync(join(folder, "run", path), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
/** Whole lines; a run may be writing. */
function journalLines(name: string): number {
  const path = join(folder, "run/calls", name);
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").length - 1 : 0;
}

const arena = (command: string, args: string[], options: Partial<Parameters<typeof runCli>[1]> = {}) =>
  runCli(["eval", "arena", command, "--run", "run", ...args], { folder, ...options });
const flags = (model: string) => ["--base-url", server.baseUrl, "--model-id", model, "--api", "chat"];
const questions = ["--questions", "questions.jsonl"];

/** Answers of two models, without asking anybody. */
async function withAnswers(texts: readonly string[]): Promise<void> {
  writeQuestions(texts);
  for (const model of [BASELINE, "own"]) {
    reply = ({ messages }) => ({ text: `${model}: ${messages[0]!.content}` });
    const run = await arena("answers", [...flags(model), ...questions]);
    expect([run.code, run.stderr]).toEqual([0, ""]);
  }
  server.requests.length = 0;
  server.hits = 0;
}
/** Which question, which game and turn a judge was asked for. */
function game({ messages }: ScriptedRequest): { question: string; game: number; turn: number } {
  const text = messages[1]!.content;
  const question = /: prompt begins ===\n(.*)\n/.exec(text)![1]!;
  const baselineFirst = text.indexOf(`\n${BASELINE}: `) < text.indexOf("\nown: ");
  return { question, game: baselineFirst ? 1 : 2, turn: messages.length / 2 };
}
const key = (request: ScriptedRequest) => JSON.stringify(game(request));

test("answers are greedy, kept, and asked for once; what failed is asked again", async () => {
  const away = new Set(["Вопрос 2?", "Вопрос 5?"]);
  reply = ({ messages: [message] }) =>
    away.has(message!.content)
      ? { status: 500 }
      : {
          text: `Ответ: ${message!.content}`,
          finishReason: message!.content.includes("7") ? "length" : "stop",
        };
  const first = await arena("answers", [...flags("own"), ...questions, "--max-tokens", "77"]);
  expect(first.code).toBe(3);
  expect(first.stderr).toBe("vikhr: 2 calls failed (http-5xx 2): the same command asks them again\n");
  expect(first.stdout).toMatch(/^plan: 10 calls to own: at most [\d.k]+ tokens; 0 are known\n8 answered, /);
  expect(server.requests).toHaveLength(10);
  for (const { messages, temperature, maxTokens } of server.requests) {
    expect([temperature, maxTokens]).toEqual([0, 77]);
    expect(messages.map(({ role }) => role)).toEqual(["user"]);
  }
  expect(readRows("answers/own.jsonl")).toHaveLength(8);

  away.clear();
  server.requests.length = 0;
  const again = await arena("answers", [...flags("own"), "--max-tokens", "77", "--json"]);
  expect([again.code, again.stderr]).toEqual([0, ""]);
  expect(JSON.parse(again.stdout)).toMatchObject({
    plan: { calls: 2, failedBefore: 2, known: 8 },
    done: 2,
    known: 8,
    failed: 0,
    answers: 10,
    cut: 1,
  });
  expect(server.requests.map(({ messages }) => messages[0]!.content).sort()).toEqual([
    "Вопрос 2?",
    "Вопрос 5?",
  ]);
  const rows = readRows("answers/own.jsonl");
  expect(rows.map((row) => row.choices[0].turns[0].content)).toEqual(
    QUESTIONS.map((text) => `Ответ: ${text}`),
  );
  expect(rows[0]).toMatchObject({ question_id: 0, model_id: "own" });
  expect(rows[0].choices[0].turns[0].token_len).toBeGreaterThan(3);

  // All is known: nobody needs to be there.
  server.hits = 0;
  const known = await arena("answers", [...flags("own"), "--max-tokens", "77"]);
  expect([known.code, known.stderr, server.hits]).toEqual([0, "", 0]);
  expect(readRows("answers/own.jsonl")).toEqual(rows);
});

test("a dry run says what it would cost, and calls and writes nothing", async () => {
  const run = await arena("answers", [...flags("own"), ...questions, "--dry-run", "--json"]);
  expect([run.code, run.stderr]).toEqual([0, ""]);
  const { plan } = JSON.parse(run.stdout);
  expect(plan).toMatchObject({ calls: 10, known: 0, failedBefore: 0 });
  expect(plan.tokens).toBeGreaterThan(10 * 4096);
  expect(server.hits).toBe(0);
  expect(existsSync(join(folder, "run"))).toBe(false);
});

/** What a judge says to the question of this name, in whichever game; undefined: nothing special. */
const JUDGES: Record<string, (request: ScriptedRequest) => ScriptedReply> = {
  good: () => ({ text: "Первый точнее.\n[[A>>B]]" }),
  late: ({ messages }) => ({ text: messages.length > 2 ? "[[B>A]]" : "Думаю, что второй лучше." }),
  mute: () => ({ text: "Оба хороши." }),
  twofold: () => ({ text: "[[A>B]]... нет: [[B>A]]" }),
  strange: () => ({ text: "[[A<B]]" }),
  long: () => ({ text: "Думаю. ".repeat(9), finishReason: "length" }),
  endless: () => ({ text: "Думаю. ".repeat(100), isEndless: true }),
  failing: () => ({ status: 500 }),
  refusing: () => ({ status: 422 }),
  busy: () => ({ status: 429, headers: { "retry-after": "0" } }),
  cut: () => ({ text: "Первый лу", isCut: true }),
  chinese: () => ({ text: "第一个答案更准确,也更简洁,因此更好。[[A>B]]" }),
};
const EXPECTED: Record<string, object> = {
  good: { score: "A>>B" },
  late: { score: "B>A" },
  mute: { score: null, failure: "no-label" },
  twofold: { score: null, failure: "two-labels" },
  strange: { score: "A<B", failure: "unknown-label" },
  long: { score: null, failure: "endless" },
  endless: { score: null, failure: "endless" },
  failing: { score: null, failure: "http-5xx" },
  refusing: { score: null, failure: "http-4xx" },
  busy: { score: null, failure: "http-429" },
  cut: { score: null, failure: "cut-stream" },
  chinese: { score: "A>B", failure: "wrong-language" },
};
const CALLS_THAT_FAIL = ["failing", "refusing", "busy", "cut"];
const judge = () => [...flags("strict"), "--max-tokens", "50"];

test("a judge that answers badly: each case is counted and named, and nothing is guessed", async () => {
  const names = Object.keys(JUDGES);
  await withAnswers(names);
  reply = (request) => JUDGES[game(request).question]!(request);
  const run = await arena("judge", [...judge(), "--json"]);
  expect(run.code).toBe(3);
  expect(run.stderr).toMatch(/^vikhr: 8 calls failed \([^\n]*\): the same command asks them again\n$/);
  const rows = readRows("judgments/strict/own.jsonl");
  expect(rows.map((row) => names[row.question_id])).toEqual(names);
  for (const row of rows) {
    const expected = EXPECTED[names[row.question_id]!]!;
    expect(row).toMatchObject({ model: "own", baseline: BASELINE, judge: "strict" });
    for (const played of row.games) {
      const { judgment, ...verdict } = played;
      expect([names[row.question_id], verdict]).toEqual([names[row.question_id], expected]);
      expect(typeof judgment).toBe("string");
    }
  }
  const [summary] = JSON.parse(run.stdout).models;
  const failures = Object.fromEntries(
    Object.values(EXPECTED).flatMap((verdict) => ("failure" in verdict ? [[verdict.failure, 2]] : [])),
  );
  expect(summary).toEqual({
    model: "own",
    questions: names.length,
    judged: names.length,
    unscored: 2 * 9,
    failures: { ...failures, endless: 4 },
  });
  // Asked once more for a label: those without one, once.
  const turns = server.requests.map(game).filter(({ turn }) => turn === 2);
  expect(turns.map(({ question }) => question).sort()).toEqual(
    ["endless", "late", "long", "mute"].flatMap((name) => [name, name]),
  );

  // And the report says so.
  const reported = await arena("report", []);
  expect([reported.code, reported.stderr]).toEqual([0, ""]);
  const report = JSON.parse(readFileSync(join(folder, "run/report.json"), "utf8"));
  for (const health of [report.judgeHealth.all, report.judgeHealth.byModel.own])
    expect(health).toMatchObject({ games: 24, scored: 6, failures: summary.failures });
  expect(report.leaderboard.find((row: { model: string }) => row.model === "own")).toMatchObject({
    games: 24,
    unscored: 18,
  });
  for (const { questionId, games } of report.verdicts)
    for (const played of games) expect(played).toMatchObject(EXPECTED[names[questionId]!]!);

  // The server is well again: only the calls that failed are made again.
  server.requests.length = 0;
  reply = () => ({ text: "[[A=B]]" });
  const again = await arena("judge", judge());
  expect([again.code, again.stderr]).toEqual([0, ""]);
  expect(server.requests.map((request) => game(request).question).sort()).toEqual(
    CALLS_THAT_FAIL.flatMap((name) => [name, name]).sort(),
  );
  for (const row of readRows("judgments/strict/own.jsonl")) {
    const name = names[row.question_id]!;
    const expected = CALLS_THAT_FAIL.includes(name) ? { score: "A=B" } : EXPECTED[name]!;
    for (const played of row.games) expect(played).toMatchObject(expected);
  }
});

test("a pause that a server asks for is kept", async () => {
  await withAnswers(["one"]);
  const refused = new Set<string>();
  reply = (request) => {
    if (refused.has(key(request))) return { text: "[[A>B]]" };
    refused.add(key(request));
    return { status: 429, headers: { "retry-after": "1" } };
  };
  const run = await arena("judge", [...judge(), "--concurrency", "1"]);
  expect([run.code, run.stderr]).toEqual([0, ""]);
  const times = server.requests.map(({ at }) => at);
  expect(times).toHaveLength(4);
  for (const first of [0, 2]) expect(times[first + 1]! - times[first]!).toBeGreaterThanOrEqual(999);
});

test("killed in the middle, a run goes on: no call is lost, and only those under way are made twice", async () => {
  const concurrency = 3;
  const texts = Array.from({ length: 15 }, (_, i) => `kill ${i}`);
  await withAnswers(texts);
  // Every second judgment needs another turn.
  reply = ({ messages }) => {
    const isFirst = messages.length === 2 && /kill \d*[02468]\n/.test(messages[1]!.content);
    return { text: isFirst ? "Думаю." : "[[A>B]]", delay: 30 };
  };
  const command = [...judge(), "--concurrency", String(concurrency)];
  const killed = await arena("judge", command, {
    onStart: (child) => {
      const timer = setInterval(() => {
        if (journalLines("judge-strict.jsonl") < 10) return;
        clearInterval(timer);
        child.kill("SIGKILL");
      }, 5);
    },
  });
  expect(killed.code).toBeNull();
  const before = server.requests.map(key);
  const recorded = journalLines("judge-strict.jsonl");
  expect(recorded).toBeGreaterThanOrEqual(10);
  expect(before.length - recorded).toBeLessThanOrEqual(concurrency);

  server.requests.length = 0;
  const resumed = await arena("judge", command);
  expect([resumed.code, resumed.stderr]).toEqual([0, ""]);
  const after = server.requests.map(key);
  const all = new Set([...before, ...after]);
  expect(all.size).toBe(15 * 2 + 8 * 2);
  expect(after).toHaveLength(all.size - recorded);
  expect(new Set(after).size).toBe(after.length);
  expect(before.filter((one) => after.includes(one))).toHaveLength(before.length - recorded);
  const rows = readRows("judgments/strict/own.jsonl");
  expect(rows.flatMap((row) => row.games.map(({ score }: { score: string }) => score))).toEqual(
    Array(30).fill("A>B"),
  );
});

test("a budget ends a run before it is exceeded, and a larger one goes on", async () => {
  await withAnswers(QUESTIONS);
  reply = () => ({ text: "[[A>B]]" });
  const budget = 3500;
  const run = await arena("judge", [...judge(), "--budget-tokens", String(budget), "--json"]);
  expect(run.code).toBe(3);
  expect(run.stderr).toMatch(/^vikhr: the budget of 3500 tokens [^\n]*--budget-tokens goes on\n$/);
  const first = JSON.parse(run.stdout);
  expect(first.plan.tokens / first.plan.calls).toBeGreaterThan(USAGE.total_tokens);
  expect(first.tokens).toBe(USAGE.total_tokens * server.requests.length);
  expect(first.tokens).toBeLessThanOrEqual(budget);
  expect(first.done).toBeGreaterThan(2);
  const rest = await arena("judge", [...judge(), "--budget-tokens", "100000", "--json"]);
  expect(rest.code).toBe(0);
  expect(JSON.parse(rest.stdout)).toMatchObject({
    done: 20 - first.done,
    known: first.done,
    tokens: 20 * USAGE.total_tokens,
  });
});

test("a report: a table, a page, files; made again it is the same, and thresholds give exit codes", async () => {
  await withAnswers(QUESTIONS);
  // The model wins where it stands first, and half of the other games.
  reply = (request) => {
    const { game: number, question } = game(request);
    return { text: number === 2 || /[02468]\?/.test(question) ? "[[A>B]]" : "[[B>>A]]" };
  };
  expect((await arena("judge", judge())).code).toBe(0);
  const run = await arena("report", []);
  expect([run.code, run.stderr]).toEqual([0, ""]);
  expect(run.stdout).toMatch(/^\| rank \| model \|[^\n]*\n(?:\|[^\n]*\n){3}run\/report\.html\n$/);
  const read = (file: string) => readFileSync(join(folder, "run", file), "utf8");
  const report = JSON.parse(read("report.json"));
  // 10 rows won in the second games; of the first games 5 lost, and 5 won by far.
  const own = report.leaderboard.find(({ model }: { model: string }) => model === "own");
  expect(own).toMatchObject({ battles: 30, questions: 10, games: 20, unscored: 0 });
  expect(own.winRate).toBeCloseTo((100 * 25) / 30, 1);
  expect(new Set(report.topics.map(({ topic }: { topic: string }) => topic))).toEqual(new Set(TOPICS));
  expect(report.manifest).toMatchObject({
    command: expect.stringMatching(/^vikhr eval arena judge .* && vikhr eval arena report /),
    settings: { judge: "strict", baseline: BASELINE, temperature: 0, "max tokens": 50 },
    texts: { "judge prompt": expect.stringContaining("linguistically"), rules: expect.any(String) },
  });
  expect(Object.keys(report.manifest.data).sort()).toEqual([
    `answers/${BASELINE}.jsonl`,
    "answers/own.jsonl",
    "judgments/strict/own.jsonl",
    "questions.jsonl",
  ]);
  const files = ["report.html", "report.json", "report.csv", "report.md"];
  const before = files.map(read);
  for (const text of before) expect(text).toContain("own");
  expect((await arena("report", [])).code).toBe(0);
  expect(files.map(read)).toEqual(before);

  const same = await arena("report", ["--compare", "run", "--fail-under", "own.win_rate>=1", "--json"]);
  expect([same.code, same.stderr]).toEqual([0, ""]);
  const { comparisons } = JSON.parse(same.stdout);
  expect(comparisons).toMatchObject([{ kind: "arena", changes: [], onlyBefore: [], onlyAfter: [] }]);
  const missed = await arena("report", ["--fail-under", "own.win_rate>=99.9"]);
  expect(missed.code).toBe(1);
  expect(missed.stderr).toMatch(/^vikhr: own\.win_rate>=99\.9: own reaches [\d.]+ only\n$/);
  expect((await arena("report", ["--fail-under", "other.win_rate>=1"])).code).toBe(2);
});

test("Ctrl-C stops, and what is done is kept", async () => {
  await withAnswers(QUESTIONS);
  let [asked, child] = [0, 0];
  reply = () => {
    if (++asked === 6) process.kill(-child, "SIGINT");
    return asked < 6 ? { text: "[[A>B]]" } : { text: "[[A>B]]", delay: 600_000 };
  };
  const run = await arena("judge", [...judge(), "--concurrency", "1"], {
    onStart: ({ pid }) => (child = pid!),
  });
  expect(run.code).toBe(130);
  expect(run.stderr).toBe("vikhr: stopped; what is done is kept, and the same command goes on\n");
  expect(readRows("judgments/strict/own.jsonl")).toHaveLength(2);
  expect(journalLines("judge-strict.jsonl")).toBe(5);
});

test("what is wrong is said in one line", async () => {
  const wrong = async (command: string, args: string[], message: RegExp) => {
    const run = await arena(command, args);
    expect([run.code, run.stdout]).toEqual([2, ""]);
    expect(run.stderr).toMatch(/^vikhr: [^\n]+\n$/);
    expect(run.stderr).toMatch(message);
  };
  await wrong("answers", flags("own"), /run has no questions yet: give --questions/);
  await wrong("answers", questions, /which model is to be asked\? give --model/);
  await wrong("answers", [...flags("own"), ...questions, "--concurrency", "0"], /--concurrency is "0"/);
  await wrong("judge", [...flags("strict"), ...questions], /no answers of the baseline gpt-3\.5-turbo-0125/);
  writeJsonl(
    "twice.jsonl",
    [1, 1].map((id) => ({ question_id: id, turns: [{ content: "?" }] })),
  );
  await wrong("answers", [...flags("own"), "--questions", "twice.jsonl"], /twice\.jsonl: 1 is there twice/);
  await withAnswers(QUESTIONS);
  await wrong(
    "judge",
    [...judge(), "lost"],
    /lost cannot be judged: there are answers of gpt-3\.5-turbo-0125, own/,
  );
  writeJsonl("other.jsonl", [{ question_id: 1, turns: [{ content: "?" }] }]);
  await wrong("report", [], /there are no judgments in run/);
  await wrong(
    "judge",
    [...judge(), "--questions", "other.jsonl"],
    /other\.jsonl is not what run was begun with/,
  );
  reply = () => ({ status: 401 });
  const run = await arena("judge", judge());
  expect(run.code).toBe(2);
  expect(run.stderr).toMatch(/^vikhr: [^\n]*API key[^\n]*\n$/);
});
