import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { openJsonlClusters } from "./jsonl-clusters.ts";
import { messagesRow } from "./messages-row.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-jsonl-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "rows.jsonl");

const row = (content: string, cluster?: string) => ({
  messages: [{ role: "assistant", content }],
  ...(cluster === undefined ? {} : { cluster }),
});

/** All contents, cluster by cluster. */
function contents(text: string | Buffer): string[][] {
  writeFileSync(path, text);
  const file = openJsonlClusters(path, messagesRow);
  const found = Array.from({ length: file.length }, (_, i) =>
    file.read(i).map((r) => r.messages[0]!.content),
  );
  expect(file.rowCount).toBe(found.flat().length);
  file.close();
  return found;
}

function lines(...rows: object[]): string {
  return rows.map((r) => `${JSON.stringify(r)}\n`).join("");
}

describe("clusters", () => {
  test("are neighbours with the same name; rows without one stand alone", () => {
    const text = lines(row("1", "a"), row("2", "a"), row("3"), row("4"), row("5", "b"), row("6", "a"));
    expect(contents(text)).toEqual([["1", "2"], ["3"], ["4"], ["5"], ["6"]]);
  });

  test("come back whole for any contents and names", () => {
    const character = fc.constantFrom(
      "a",
      "ы",
      "😀",
      "\ud800",
      "\n",
      "\r",
      "\u2028",
      "\u0000",
      '"',
      "\uFEFF",
      " ",
    );
    const name = fc.option(fc.constantFrom("a", "b", ""), { nil: undefined });
    const rows = fc.array(fc.tuple(fc.string({ unit: character }), name), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(rows, (given) => {
        const found = contents(lines(...given.map(([content, cluster]) => row(content, cluster))));
        const wellFormed = given.map(([content]) => JSON.parse(JSON.stringify(content)) as string);
        expect(found.flat()).toEqual(wellFormed);
      }),
      { numRuns: 30 },
    );
  });
});

describe("a file", () => {
  const text = lines(row("один"), row("two"));
  test("without a line feed at its end", () => {
    expect(contents(text.trimEnd())).toEqual([["один"], ["two"]]);
  });
  test("with CRLF and blank lines", () => {
    expect(contents(`\r\n${text.replaceAll("\n", "\r\n \r\n")}\n\n`)).toEqual([["один"], ["two"]]);
  });
  test("with a byte order mark", () => {
    expect(contents(`\uFEFF${text}`)).toEqual([["один"], ["two"]]);
    expect(contents("\uFEFF")).toEqual([]);
  });
  test("of nothing", () => {
    expect(contents("")).toEqual([]);
  });
  test("whose lines are longer than what is read at once", () => {
    const long = "длинно ".repeat(80_000);
    expect(contents(lines(row("a"), row(long), row("b")))).toEqual([["a"], [long], ["b"]]);
  });
});

describe("one line with file and line for", () => {
  test.each<[string, string | Buffer, RegExp]>([
    ["what is not JSON", `${lines(row("a"))}\n{"messages": [}\n`, /rows\.jsonl:3: not JSON/],
    ["a row cut off", `${lines(row("a"))}{"messages": [{"role": "assis`, /rows\.jsonl:2: not JSON/],
    ["a missing field", "{}\n", /rows\.jsonl:1: messages: /],
    ["no assistant turn", `{"messages":[{"role":"user","content":"a"}]}`, /:1: messages: no assistant turn/],
    [
      "a content that is no text",
      `{"messages":[{"role":"assistant","content":null}]}`,
      /messages\.0\.content/,
    ],
    [
      "a role that no template takes",
      `{"messages":[{"role":"a<|eot_id|>","content":""}]}`,
      /0\.role: not a role/,
    ],
    [
      "a target past the end of its message",
      '{"messages":[{"role":"assistant","content":"ab"}],"targets":[{"message":0,"start":1,"end":3,"label":"0"}]}',
      /:1: targets: one lies outside its message/,
    ],
    [
      "a target in no message",
      '{"messages":[{"role":"assistant","content":"ab"}],"targets":[{"message":1,"start":0,"end":1,"label":"0"}]}',
      /:1: targets: one lies outside its message/,
    ],
    ["an array", "[]\n", /:1: /],
    ["a number", "7\n", /:1: /],
    ["letters of windows-1251", Buffer.from('{"messages": "\xcf\xf0"}\n', "latin1"), /:1: not UTF-8/],
    ["JSON in another encoding", Buffer.from(lines(row("a")), "utf16le").toString("latin1"), /:1: not JSON/],
  ])("%s", (_, text, wanted) => {
    writeFileSync(path, text);
    expect(() => openJsonlClusters(path, messagesRow)).toThrow(InputError);
    expect(() => openJsonlClusters(path, messagesRow)).toThrow(wanted);
  });

  test("a line without end", () => {
    const huge = join(folder, "huge.jsonl");
    writeFileSync(huge, Buffer.alloc(70 * 1024 * 1024, "x"));
    expect(() => openJsonlClusters(huge, messagesRow)).toThrow(
      /huge\.jsonl:1: a line of more than 67108864 bytes/,
    );
    rmSync(huge);
  });

  test("no file, and a folder", () => {
    expect(() => openJsonlClusters(join(folder, "none.jsonl"), messagesRow)).toThrow(
      /cannot read .*none\.jsonl/,
    );
    mkdirSync(join(folder, "sub"));
    expect(() => openJsonlClusters(join(folder, "sub"), messagesRow)).toThrow(
      /cannot read .*sub: it is not a file/,
    );
  });
});

test("rows that change under the reader are an error with their line, not other rows", () => {
  writeFileSync(path, lines(row("first"), row("second")));
  const file = openJsonlClusters(path, messagesRow);
  writeFileSync(path, lines(row("first")));
  expect(() => file.read(1)).toThrow(/rows\.jsonl:2: not JSON/);
  file.close();
});
