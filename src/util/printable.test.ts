import { expect, test } from "vitest";
import { printable } from "./printable.ts";

test("what others wrote stays on one line, and ends", () => {
  expect(printable("a\u001b[31m\nb\u202e")).toBe("a?[31m?b?");
  expect(printable("Верол «x»")).toBe("Верол «x»");
  expect(printable("x".repeat(1000))).toHaveLength(200);
  // Half of a pair, where the cut falls.
  expect(printable("ab😀", 3)).toBe("ab?");
});
