/** Pages that run, and cannot be written any more; nothing where the system refuses. */
import { readFileSync } from "node:fs";
import koffi from "koffi";
import { describe, expect, test } from "vitest";
import { openExecutableMemory } from "./executable-memory.ts";

const put = openExecutableMemory(koffi);
/** mov eax, 42; ret. */
const ANSWER = Uint8Array.of(0xb8, 42, 0, 0, 0, 0xc3);
const address = put?.(ANSWER);
if (address === undefined) console.log("generated code is not run here");

describe.runIf(address !== undefined)("code in memory", () => {
  test("runs", () => {
    const answer = koffi.decode(address!, koffi.proto("int answer()")) as () => number;
    expect(answer()).toBe(42);
  });

  test.runIf(process.platform === "linux")("is executable and no longer writable", () => {
    const line = readFileSync("/proc/self/maps", "utf8")
      .split("\n")
      .find((l) => {
        const [from, to] = l
          .split(" ")[0]!
          .split("-")
          .map((hex) => BigInt(`0x${hex || 0}`));
        return from !== undefined && to !== undefined && from <= address! && address! < to;
      });
    expect(line!.split(" ")[1]).toBe("r-xp");
  });
});

test.runIf(put)("a refusal is no error: too much memory", () => {
  const huge = { byteLength: 2 ** 47 } as Uint8Array;
  expect(put!(huge)).toBeUndefined();
});
