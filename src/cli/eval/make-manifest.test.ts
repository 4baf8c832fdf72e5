import { expect, test } from "vitest";
import { commandLine } from "./make-manifest.ts";

test("a command line is as it was typed, without keys", () => {
  const args = ["eval", "arena", "judge", "--api-key", "sk-1", "--judge-api-key=sk-2", "--run", "my run's"];
  expect(commandLine(args)).toBe(
    "vikhr eval arena judge --api-key ... --judge-api-key=... --run 'my run'\\''s'",
  );
});
