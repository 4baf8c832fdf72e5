/** Calls that are made once, on a journal that is cut anywhere. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConflictError, CutAnswerError, InputError, UnavailableError } from "../../errors.ts";
import { mapConcurrently } from "../../util/map-concurrently.ts";
import { BudgetSpentError, Calls, planOf } from "./calls.ts";
import { Journal, readJournal } from "./journal.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vikhr-calls-"));
  path = join(folder, "calls.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;
const open = async (options: { budgetTokens?: number; signal?: AbortSignal } = {}) =>
  new Calls(await Journal.open(path), { signal: never, ...options });
const call = (n: number, tokens = 10) => ({ name: `n ${n}`, input: [n], tokens });

/** Every call of 0..count-1 in turn; which were really made. */
async function run(count: number, fail: (n: number) => Error | undefined = () => undefined) {
  const calls = await open();
  const made: number[] = [];
  const records = await mapConcurrently(
    [...Array(count).keys()],
    (n) =>
      calls.make(call(n), async () => {
        made.push(n);
        await Promise.resolve();
        const error = fail(n);
        if (error) throw error;
        return { value: n * n, tokens: 5 };
      }),
    { limit: 3 },
  );
  await calls.close();
  return { made, records, tally: calls.tally };
}

test("what is answered is not asked again; what failed is, and nothing else", async () => {
  const broken = new Set([1, 4]);
  const first = await run(6, (n) => (broken.has(n) ? new CutAnswerError("cut") : undefined));
  expect(first.records.map(({ failure }) => failure?.kind)).toEqual(
    [...Array(6).keys()].map((n) => (broken.has(n) ? "cut-stream" : undefined)),
  );
  expect(first.tally).toEqual({ done: 4, known: 0, failed: 2, tokens: 20 });
  const second = await run(6);
  expect(second.made).toEqual([...broken]);
  expect(second.records.map(({ value }) => value)).toEqual([0, 1, 4, 9, 16, 25]);
  expect((await run(6)).made).toEqual([]);
});

test("a journal cut at any byte opens, and only what it lost is asked again", async () => {
  await run(5);
  const whole = readFileSync(path);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), async (length) => {
      writeFileSync(path, whole);
      truncateSync(path, length);
      const kept = whole.subarray(0, length).toString("utf8").split("\n").length - 1;
      const { made, records } = await run(5);
      expect(made).toHaveLength(5 - kept);
      expect(records.map(({ value }) => value)).toEqual([0, 1, 4, 9, 16]);
    }),
    { numRuns: 30 },
  );
});

test("an answer to another question does not count", async () => {
  await run(1);
  const calls = await open();
  const changed = { ...call(0), input: ["another prompt"] };
  expect(planOf(readJournal(path), [changed])).toEqual({ calls: 1, failedBefore: 0, known: 0, tokens: 10 });
  const { value } = await calls.make(changed, async () => ({ value: "new", tokens: 1 }));
  expect(value).toBe("new");
  await calls.close();
});

test("a plan counts what is known, what failed before, and tokens", async () => {
  await run(3, (n) => (n === 2 ? new UnavailableError("away") : undefined));
  const calls = [0, 1, 2, 3, 4].map((n) => call(n, 100));
  expect(planOf(readJournal(path), calls)).toEqual({ calls: 3, failedBefore: 1, known: 2, tokens: 300 });
});

test("a budget is never exceeded, what was under way is kept, and a larger one goes on", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 120 }), async (budgetTokens) => {
      rmSync(path, { force: true });
      const calls = await open({ budgetTokens });
      const running = mapConcurrently(
        [...Array(12).keys()],
        (n) => calls.make(call(n), async () => ({ value: n, tokens: 7 + (n % 4) })),
        { limit: 4 },
      );
      const isEnough = await running.then(
        () => true,
        (error) => {
          expect(error).toBeInstanceOf(BudgetSpentError);
          expect(error).toMatchObject({ exitCode: 3 });
          return false;
        },
      );
      await calls.close();
      expect(calls.tally.tokens).toBeLessThanOrEqual(budgetTokens);
      const lines = readFileSync(path, "utf8").split("\n").length - 1;
      expect(lines).toBe(calls.tally.done);
      expect(isEnough).toBe(lines === 12);
    }),
    { numRuns: 30 },
  );
});

test("a run that ends asks nothing more, and what was under way is kept", async () => {
  const calls = await open();
  let answer = (_: { value: string; tokens: number }) => {};
  const asked = new Promise<{ value: string; tokens: number }>((resolve) => (answer = resolve));
  const underWay = calls.make(call(0), () => asked);
  const closing = calls.close();
  await expect(calls.make(call(1), async () => ({ value: "late", tokens: 1 }))).rejects.toThrow("ends");
  answer({ value: "kept", tokens: 1 });
  await Promise.all([underWay, closing]);
  expect([...readJournal(path).values()].map(({ value }) => value)).toEqual(["kept"]);
});

test("a server that does not count is held to what was expected", async () => {
  const calls = await open();
  const { tokens } = await calls.make(call(0, 42), async () => ({ value: "", tokens: 0 }));
  expect(tokens).toBe(42);
  await calls.close();
});

test("an abort records nothing, and what would end every call alike is thrown", async () => {
  const controller = new AbortController();
  const calls = await open({ signal: controller.signal });
  const aborted = calls.make(call(0), async (signal) => {
    controller.abort();
    signal.throwIfAborted();
    return { value: 1, tokens: 1 };
  });
  await expect(aborted).rejects.toThrow(/abort/i);
  await calls.close();
  const again = await open();
  const refused = new UnavailableError("wrong key", { serverStatus: 401 });
  await expect(again.make(call(0), () => Promise.reject(refused))).rejects.toBe(refused);
  await expect(again.make(call(0), () => Promise.reject(new TypeError("a bug")))).rejects.toThrow("a bug");
  await again.close();
  expect(readFileSync(path, "utf8")).toBe("");
});

test("two processes cannot write one journal, and a line that is none is named", async () => {
  const calls = await open();
  await expect(Journal.open(path)).rejects.toThrow(ConflictError);
  await calls.close();
  await run(1);
  appendFileSync(path, '{"name": 7}\n');
  await expect(Journal.open(path)).rejects.toThrow(InputError);
  await expect(Journal.open(path)).rejects.toThrow(/calls\.jsonl:2/);
});
