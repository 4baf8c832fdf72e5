import { expect, test } from "vitest";
import { isSpace } from "./is-space.ts";

test("the same as the regular expression, for every code unit", () => {
  const all = String.fromCharCode(...Array.from({ length: 0x10000 }, (_, unit) => unit));
  for (let at = 0; at < all.length; at++)
    if (isSpace(all, at) !== /\s/.test(all[at]!)) expect(at).toBe("none");
});
