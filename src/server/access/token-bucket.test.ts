import fc from "fast-check";
import { expect, test } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

const perMinute = fc.integer({ min: 1, max: 600 });
/** Milliseconds between requests. */
const pauses = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 60 });

test("never more than a full bucket and what time has added", () => {
  fc.assert(
    fc.property(perMinute, pauses, (rate, waits) => {
      let now = 0;
      const bucket = new TokenBucket(rate, () => now);
      let taken = 0;
      for (const wait of waits) {
        now += wait;
        if (bucket.take().taken) taken++;
        expect(taken).toBeLessThanOrEqual(rate + (now * rate) / 60_000 + 1e-6);
        expect(bucket.remaining).toBeGreaterThanOrEqual(0);
        expect(bucket.remaining).toBeLessThanOrEqual(rate);
      }
    }),
  );
});

test("who waits as long as was said gets the next one, and nobody before", () => {
  fc.assert(
    fc.property(perMinute, (rate) => {
      let now = 0;
      const bucket = new TokenBucket(rate, () => now);
      let taken = 0;
      while (taken < rate && bucket.take().taken) taken++;
      expect(taken).toBe(rate);
      const refused = bucket.take();
      if (refused.taken) throw new Error("more than a full bucket");
      now += refused.retryAfter * 1000 * 0.99;
      expect(bucket.take().taken).toBe(false);
      now += refused.retryAfter * 1000 * 0.0101;
      expect(bucket.take().taken).toBe(true);
      now += bucket.secondsUntilFull * 1000 + 1e-6;
      expect(bucket.remaining).toBe(rate);
    }),
  );
});
