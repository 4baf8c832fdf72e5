/** What reaches a terminal cannot act on it. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { terminalJson, terminalLine, terminalText } from "./terminal-text.ts";

const ACTIVE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const hostile = fc.string({
  unit: fc.oneof(
    fc.nat(0xff).map((c) => String.fromCharCode(c)),
    fc.constantFrom("\u202e", "\u2066", "я", "😀"),
  ),
});

test("no control character survives, and ordinary text is untouched", () => {
  fc.assert(fc.property(hostile, (text) => !ACTIVE.test(terminalText(text))));
  expect(terminalText("Ёж, 3,3 мм\n\tдва\r\n😀")).toBe("Ёж, 3,3 мм\n\tдва\n😀");
  expect(terminalText("\u001b[2Jgone\u0007\u009b1m\u007f\u202eabc")).toBe("␛[2Jgone␇\ufffd1m␡\ufffdabc");
});

test("a line is one line, and no longer than asked", () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 1, max: 9 }), (text, max) => {
      const line = terminalLine(text, max);
      return line.length <= max && !/[\n\t]/.test(line) && !ACTIVE.test(line);
    }),
  );
  expect(terminalLine(" a\n\n b\u2028c ")).toBe("a b c");
  expect(terminalLine("abcdef", 4)).toBe("abc…");
});

test("JSON keeps its value", () => {
  fc.assert(
    fc.property(fc.array(hostile), (value) => {
      const json = terminalJson(value);
      return !ACTIVE.test(json) && JSON.stringify(JSON.parse(json)) === JSON.stringify(value);
    }),
  );
});
