/** The progress line: silent without a terminal, one line with one. */
import { expect, test } from "vitest";
import { progressLine } from "./progress-line.ts";

function record(isTTY: boolean) {
  const written: string[] = [];
  return { written, isTTY, columns: 12, write: (text: string) => written.push(text) };
}

test("says nothing where there is no terminal", () => {
  const stream = record(false);
  const line = progressLine(stream);
  line.show("half");
  line.clear();
  expect(stream.written).toEqual([]);
});

test("fits the terminal, keeps to a pace, and clears what it wrote", () => {
  const stream = record(true);
  const line = progressLine(stream);
  line.show("step 1 of many\n\u001b[31m");
  line.show("too soon");
  line.clear();
  line.clear();
  expect(stream.written).toEqual(["\r\u001b[2Kstep 1 of …", "\r\u001b[2K"]);
});
