/** The command line as people and programs meet it: real processes, exit codes, what is printed where. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { writeTinyGguf } from "../conformance/tiny-gguf.ts";
import { type CliOptions, runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-cli-"));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return name;
};
const GLACIERS = [
  { doc_id: 0, title: "Ледники", content: "За последние 50 лет объем ледников в мире уменьшился на 30%" },
  { doc_id: 1, title: "Море", content: "Уровень мирового океана повысился на 20 см с 1880 года" },
];
const QUESTION = "На сколько процентов уменьшился объем ледников?";
const DOCUMENTS = file("documents.json", JSON.stringify(GLACIERS));
const TINY = join(folder, "tiny.gguf");
const ask = (args: string[], options: Partial<CliOptions> = {}) =>
  runCli(["ask", QUESTION, ...args], { folder, ...options });

beforeAll(() => writeTinyGguf(TINY, { contextLength: 4096 }));
afterAll(() => rmSync(folder, { recursive: true }));

describe("help", () => {
  test("is printed without loading anything native", async () => {
    const trace = file(
      "trace.mjs",
      'process.on("exit", () => console.error(JSON.stringify(process.report.getReport().sharedObjects)))',
    );
    const run = await runCli(["--help"], { folder, nodeArguments: ["--import", join(folder, trace)] });
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/ask[\s\S]*chat[\s\S]*models[\s\S]*train[\s\S]*doctor/);
    const loaded = JSON.parse(run.stderr) as string[];
    expect(loaded.filter((path) => /\.node$|llama|ggml|koffi/.test(path))).toEqual([]);
    expect(loaded.length).toBeGreaterThan(0);
  });
});

describe.concurrent("bad input: one line that says what to do, exit code 2, no stack trace", () => {
  const rows = (...ids: unknown[]) =>
    JSON.stringify(ids.map((doc_id) => ({ doc_id, title: null, content: "text" })));
  const withConfig = (name: string, text: string) => {
    mkdirSync(join(folder, name, "vikhr"), { recursive: true });
    writeFileSync(join(folder, name, "vikhr", "config.yaml"), text);
    return { XDG_CONFIG_HOME: join(folder, name) };
  };
  const about = (documents: string) => ["ask", QUESTION, "--documents", documents];

  test.each<[name: string, args: string[], says: RegExp, options?: Partial<CliOptions>]>([
    ["no command that exists", ["aks"], /unknown command 'aks'.*ask/],
    ["an unknown flag", ["doctor", "--jsn"], /unknown option '--jsn'.*--json/],
    ["no question", ["ask", "--documents", DOCUMENTS], /missing required argument 'question'/],
    ["an empty question", ["ask", " ", "--documents", DOCUMENTS, "--model", TINY], /question is empty/],
    ["nothing to ask", ["ask", "x"], /nothing to ask: vikhr add .* or give --documents/],
    ["an empty array of documents", about(file("none.json", "[]")), /none\.json: there are no documents/],
    ["malformed JSON", about(file("cut.json", '[{"doc_id": 0,\n"\u001b[2J')), /cut\.json is not JSON/],
    ["no array", about(file("object.json", "{}")), /must be an array/],
    ["duplicate ids", about(file("twice.json", rows(3, 3))), /documents\[1\]\.doc_id is 3, which/],
    ["ids that are no integers", about(file("half.json", rows(0, 1.5))), /\[1\]\.doc_id must be a whole/],
    ["an unreadable file", about("missing.json"), /cannot read missing\.json: there is no such file/],
    ["a folder", about("."), /cannot read \.: it is a folder/],
    ["bytes that are no text", about("tiny.gguf"), /not UTF-8/],
    ["nothing on stdin", about("-"), /stdin is empty/],
    ["an unknown model", [...about(DOCUMENTS), "--model", "gpt-9"], /no model or file gpt-9.*models list/],
    ["a model to be pulled", [...about(DOCUMENTS), "--model", "vikhr-8b"], /vikhr models pull vikhr-8b/],
    ["a file that is no model", [...about(DOCUMENTS), "--model", DOCUMENTS], /does not begin with GGUF/],
    ["a number that is none", [...about(DOCUMENTS), "--seed", "x"], /--seed is "x" and must be a whole/],
    [
      "a temperature that no model takes",
      [...about(DOCUMENTS), "-m", TINY, "--temperature", "1000"],
      /--temperature is "1000" and must be a number from 0 to 100/,
    ],
    ["a server without its model", [...about(DOCUMENTS), "--base-url", "http://localhost"], /--model-id/],
    ["an adapter of no model", [...about(DOCUMENTS), "--adapter", "x.gguf"], /--adapter changes a model on/],
    [
      "an adapter that is none",
      [...about(DOCUMENTS), "-m", TINY, "--adapter", `${TINY}=0.5`],
      /tiny\.gguf: not a usable LoRA adapter of/,
    ],
    ["two models at once", [...about(DOCUMENTS), "-m", "nano", "--base-url", "http://a"], /both given/],
    ["a variable", about(DOCUMENTS), /VIKHR_THREADS is "0" and must/, { env: { VIKHR_THREADS: "0" } }],
    [
      "the config file",
      about(DOCUMENTS),
      /config\.yaml: there is no setting "modle": known are model/,
      { env: withConfig("misspelt", "modle: nano\n") },
    ],
    ["chat without a model", ["chat"], /chat needs a model/],
    ["no training config", ["train", "sft", "missing.yaml"], /cannot read missing\.yaml/],
    [
      "no texts to learn from",
      ["train", "tokenizer", file("tok.yaml", "output: a\nvocab_size: 300\n")],
      /give dataset or texts/,
    ],
    ["a model that ships to be pulled", ["models", "pull", "nano"], /nothing to pull/],
    ["no such model to inspect", ["models", "info", "gpt-9"], /no model or file gpt-9/],
  ])("%s", async (_name, args, says, options) => {
    const run = await runCli(args, { folder, ...options });
    expect(run.stderr).toMatch(/^vikhr: [^\n]+\n$/);
    expect(run.stderr).toMatch(says);
    expect(run.stderr).not.toMatch(/\u001b| {4}at /);
    expect([run.code, run.stdout]).toEqual([2, ""]);
  });

  test("a server that cannot be reached", async () => {
    const free = createServer();
    const port = await new Promise<number>((done) =>
      free.listen(0, "127.0.0.1", () => done((free.address() as { port: number }).port)),
    );
    await new Promise((done) => free.close(done));
    const url = `http://127.0.0.1:${port}/v1`;
    const run = await ask(["-d", DOCUMENTS, "--base-url", url, "--model-id", "m"]);
    expect(run.stderr).toMatch(/^vikhr: [^\n]*cannot be reached[^\n]*--base-url[^\n]*\n$/);
    expect(run.code).toBe(2);
  });

  test("--debug shows the stack", async () => {
    const run = await ask(["-d", "missing.json", "--debug"]);
    expect(run.stderr).toMatch(/InputError: cannot read missing\.json[\s\S]* {4}at [\s\S]*caused by/);
    expect(run.code).toBe(2);
  });
});

const span = z.strictObject({ start: z.int(), end: z.int() });
const answerSchema = z.strictObject({
  relevant_doc_ids: z.array(z.int()),
  relevance: z.record(z.string().regex(/^\d+$/), z.number().min(0).max(1)),
  answer: z.string(),
  citations: z.array(
    span.extend({ text: z.string(), sources: z.array(span.extend({ doc_id: z.int() })) }).strict(),
  ),
  usage: z.strictObject({ prompt_tokens: z.int(), completion_tokens: z.int(), reused_tokens: z.int() }),
});

describe.concurrent("ask", () => {
  test("quotes by default, with one line on how to get written answers", async () => {
    const run = await ask(["-d", DOCUMENTS]);
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(/^vikhr: [^\n]*vikhr models pull vikhr-8b[^\n]*\n$/);
    expect(run.stdout).toMatch(
      /^Релевантные документы: 0 \(0\.\d\d\)\n\n1\. За последние 50 лет.*\n\nИсточники:\n {2}\[1\] Ледники · документ 0, символы 0-59\n$/,
    );
  });

  test("--json from a pipe is one object, and nothing else is said", async () => {
    const args = ["-d", "-", "--json", "--model", "quotes"];
    const run = await ask(args, { stdin: `\ufeff${JSON.stringify(GLACIERS)}` });
    const answer = answerSchema.parse(JSON.parse(run.stdout));
    expect([run.code, run.stderr]).toEqual([0, ""]);
    expect(answer.relevant_doc_ids).toEqual([0]);
    expect(Object.keys(answer.relevance)).toEqual(["0", "1"]);
    const { start, end, text, sources } = answer.citations[0]!;
    expect(answer.answer.slice(start, end)).toBe(text);
    expect(GLACIERS[0]!.content.slice(sources[0]!.start, sources[0]!.end)).toBe(text);
  });

  test("a model in this process: both steps are counted, the second finds the first in its cache", async () => {
    const run = await ask(["-d", DOCUMENTS, "--model", TINY, "--json", "--max-tokens", "8", "--seed", "1"]);
    expect([run.code, run.stderr]).toEqual([0, ""]);
    const { usage, relevance } = answerSchema.parse(JSON.parse(run.stdout));
    expect(usage.completion_tokens).toBeGreaterThan(8);
    expect(usage.reused_tokens).toBeGreaterThan(usage.prompt_tokens / 3);
    expect(Object.keys(relevance)).toEqual(["0", "1"]);
  });

  test("flags come before variables, variables before the config file", async () => {
    const env = { VIKHR_MODEL: "gpt-9", OPENAI_API_KEY: "k" };
    expect((await ask(["-d", DOCUMENTS, "--model", "quotes"], { env })).code).toBe(0);
    expect((await ask(["-d", DOCUMENTS], { env })).stderr).toContain("gpt-9");
  });

  test("control characters of documents do not reach the output", async () => {
    const hostile = "\u001b]0;owned\u0007\u009b2J\u202eОбъем ледников \rуменьшился\u0000 на 30 процентов.";
    const documents = JSON.stringify([{ doc_id: 0, title: `\u001b[31m${hostile}\n`, content: hostile }]);
    const args = ["-d", "-", "--model", "quotes"];
    const active = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;
    const shown = await ask(args, { stdin: documents });
    expect(shown.stdout).toContain("␛]0;owned␇");
    expect(shown.stdout).not.toMatch(active);
    const json = await ask([...args, "--json"], { stdin: documents });
    expect(json.stdout).not.toMatch(active);
    expect(answerSchema.parse(JSON.parse(json.stdout)).answer).toContain("\u001b]0;owned");
  });

  test("a reader that has enough is no fault", async () => {
    const run = await ask(["-d", DOCUMENTS, "--model", "quotes"], {
      onStart: (child) => child.stdout!.destroy(),
    });
    expect([run.code, run.stderr]).toEqual([0, ""]);
  });

  test("Ctrl-C ends with 130", async () => {
    const args = ["-d", DOCUMENTS, "--model", TINY, "--temperature", "5", "--seed", "3"];
    let sent = false;
    const run = await ask(args, {
      onOutput: (text, child) => {
        if (sent || !/\n\n/.test(text)) return;
        sent = true;
        child.kill("SIGINT");
      },
    });
    expect([run.code, run.stderr]).toEqual([130, ""]);
  });
});

describe("chat", () => {
  test("answers line by line from a pipe, and warns about the system prompt", async () => {
    const run = await runCli(
      ["chat", "--model", TINY, "--max-tokens", "4", "--temperature", "0", "--system", "Ты — пират."],
      { folder, stdin: "one\n\ntwo\n" },
    );
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(/^vikhr: [^\n]*not in English[^\n]*\nvikhr: [^\n]*persona[^\n]*\n$/);
    expect(run.stdout).not.toMatch(/\u001b|^> /);
    expect(run.stdout.length).toBeGreaterThan(2);
  });
});

describe("models", () => {
  test("list and info are read by programs", async () => {
    const list = await runCli(["models", "list", "--json"], { folder });
    const names = (JSON.parse(list.stdout) as { name: string; state: string }[]).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["nano", "vikhr-8b:Q4_K_M", "vikhr-nemo-12b:Q4_K_M"]));
    const info = await runCli(["models", "info", TINY, "--json"], { folder });
    expect(JSON.parse(info.stdout)).toMatchObject({ architecture: "llama", blocks: 2, context_length: 4096 });
    expect([list.code, info.code]).toEqual([0, 0]);
  });
});

describe("doctor", () => {
  test("finds this machine fit, gradients included", async () => {
    const run = await runCli(["doctor", "--json"], { folder });
    const { checks } = JSON.parse(run.stdout) as {
      checks: { name: string; status: string; detail: string }[];
    };
    expect(checks.filter(({ status }) => status === "fail")).toEqual([]);
    expect(checks.find(({ name }) => name === "gradients")).toMatchObject({ status: "ok" });
    expect(run.code).toBe(0);
  });
});
