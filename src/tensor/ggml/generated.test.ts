/** Where generated code is used, and that anything missing turns it off without an error. */
import { expect, test } from "vitest";
import { TENSOR } from "../jit/custom-operation.ts";
import { jitStatusOf } from "./generated.ts";

const machine = {
  putCode: (code: Uint8Array) => (code.length > 0 ? 4096n : undefined),
  cpuFeatures: new Set(["AVX", "AVX2", "FMA"]),
  tensorBytes: TENSOR.size + 32,
};
const environment = { arch: "x64" as const, platform: "linux" as const, env: {} as NodeJS.ProcessEnv };

test("an x64 processor with AVX2 and FMA, and a system that allows it", () => {
  expect(jitStatusOf(machine, environment)).toEqual({ active: true, reason: "x64 with AVX2 and FMA" });
  expect(jitStatusOf(machine, { ...environment, env: { VIKHR_JIT: "1" } }).active).toBe(true);
});

test.each([
  ["VIKHR_JIT is 0", machine, { ...environment, env: { VIKHR_JIT: "0" } }],
  ["arm64", machine, { ...environment, arch: "arm64" as const }],
  [
    "code is generated on Linux and macOS, and this is win32",
    { ...machine, putCode: undefined },
    { ...environment, platform: "win32" as const },
  ],
  ["no FMA", { ...machine, cpuFeatures: new Set(["AVX2"]) }, environment],
  ["no AVX2 and no FMA", { ...machine, cpuFeatures: new Set(["SSE3"]) }, environment],
  ["another layout", { ...machine, tensorBytes: 376 }, environment],
  ["allows no generated code", { ...machine, putCode: () => undefined }, environment],
])("off: %s", (reason, on, where) => {
  const status = jitStatusOf(on, where);
  expect(status.active).toBe(false);
  expect(status.reason).toContain(reason);
});
