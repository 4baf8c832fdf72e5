import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type JsonValue, pythonJson } from "./python-json.ts";

/** Strings of whole UTF-16: control characters, quotes, lone surrogates, line separators. */
const anyString = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((c) => String.fromCharCode(c)) });
const jsonValue = fc
  .jsonValue({ stringUnit: "binary", maxDepth: 3 })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);

test("separators, null, and text as Python spells them", () => {
  expect(pythonJson([{ doc_id: 0, title: null, content: "Лёд" }, { doc_id: 1 }, [], {}, true])).toBe(
    '[{"doc_id": 0, "title": null, "content": "Лёд"}, {"doc_id": 1}, [], {}, true]',
  );
});

test("escapes quotes, backslashes and control characters only", () => {
  expect(pythonJson('"\\/\n\r\t\b\f\u0000\u001f\u007f\u0080\u2028\u2029é😀')).toBe(
    '"\\"\\\\/\\n\\r\\t\\b\\f\\u0000\\u001f\u007f\u0080\u2028\u2029é😀"',
  );
  expect(pythonJson("\ud800x\udc00")).toBe('"\ud800x\udc00"');
});

test("numbers as Python prints them after reading JSON", () => {
  const spelled: [number, string][] = [
    [0, "0"],
    [-0, "0"],
    [-7, "-7"],
    [1e20, "100000000000000000000"],
    [1e21, "1e+21"],
    [0.5, "0.5"],
    [0.0001, "0.0001"],
    [0.0000123, "1.23e-05"],
    [1.5e-7, "1.5e-07"],
    [5e-324, "5e-324"],
  ];
  for (const [value, text] of spelled) expect(pythonJson(value)).toBe(text);
  expect(() => pythonJson(Number.NaN)).toThrow(RangeError);
  expect(() => pythonJson([Number.POSITIVE_INFINITY])).toThrow(RangeError);
});

test("round trip through JSON.parse", () => {
  fc.assert(
    fc.property(jsonValue, (value) => {
      expect(JSON.parse(pythonJson(value))).toEqual(value);
    }),
  );
  fc.assert(
    fc.property(anyString, (text) => {
      expect(JSON.parse(pythonJson(text))).toBe(text);
    }),
  );
});

const python = spawnSync("python3", ["-c", "import json"]).status === 0;
if (!python) console.info("python3 is not on this machine: the comparison with json.dumps did not run");

describe.runIf(python)("against python3", () => {
  test("the same characters as json.dumps", () => {
    const values = [
      ...fc.sample(jsonValue, 150),
      ...fc.sample(anyString, 100),
      ...fc.sample(fc.double({ noDefaultInfinity: true, noNaN: true }), 100),
    ];
    const program =
      "import json,sys\nfor line in sys.stdin: print(json.dumps(json.dumps(json.loads(line), ensure_ascii=False)))";
    // ASCII both ways, so that lone surrogates survive the pipe.
    const input = values
      .map((value) => JSON.stringify(value).replace(/[\u007f-\uffff]/g, asciiEscape))
      .join("\n");
    const { stdout } = spawnSync("python3", ["-c", program], { input, encoding: "utf8" });
    const theirs = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as string);
    expect(values.map((value) => pythonJson(value))).toEqual(theirs);
  });
});

function asciiEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
