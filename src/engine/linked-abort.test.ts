import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { LinkedAbort } from "./linked-abort.ts";

test("aborts with the first of its sources, for its reason", () => {
  const [one, two] = [new AbortController(), new AbortController()];
  const linked = new LinkedAbort(one.signal, undefined, two.signal);
  expect(linked.signal.aborted).toBe(false);
  two.abort("two");
  one.abort("one");
  expect(linked.signal.reason).toBe("two");
  expect(new LinkedAbort(one.signal).signal.reason).toBe("one");
});

test("in the end it aborts, and nothing of it is left in its sources", () => {
  const source = new AbortController();
  const linked = new LinkedAbort(source.signal);
  expect(getEventListeners(source.signal, "abort")).toHaveLength(1);
  linked.end();
  expect(getEventListeners(source.signal, "abort")).toHaveLength(0);
  expect(linked.signal.aborted).toBe(true);
  expect(source.signal.aborted).toBe(false);
});
