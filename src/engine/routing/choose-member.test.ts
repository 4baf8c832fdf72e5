import fc from "fast-check";
import { expect, test } from "vitest";
import { allowedLead, type Candidate, chooseMember } from "./choose-member.ts";

const NOBODY: ReadonlySet<Candidate> = new Set();
const members = fc.array(fc.record({ load: fc.nat(40), lastChosen: fc.nat(1000) }), {
  minLength: 1,
  maxLength: 8,
});
const membersAndHolders = members.chain((all) => fc.tuple(fc.constant(all), fc.subarray(all)));
const leastOf = (all: readonly Candidate[]) => Math.min(...all.map(({ load }) => load));

test("whoever is chosen has no more than the allowed lead", () => {
  fc.assert(
    fc.property(membersAndHolders, ([all, holders]) => {
      const chosen = chooseMember(all, new Set(holders))!;
      expect(all).toContain(chosen);
      expect(chosen.load).toBeLessThanOrEqual(leastOf(all) + allowedLead(leastOf(all)));
    }),
  );
});

test("a holder within the allowed lead gets it; where none is, a least loaded one that waited longest", () => {
  fc.assert(
    fc.property(membersAndHolders, ([all, holders]) => {
      const least = leastOf(all);
      const chosen = chooseMember(all, new Set(holders))!;
      const fitting = holders.filter(({ load }) => load <= least + allowedLead(least));
      if (fitting.length > 0) {
        expect(fitting).toContain(chosen);
        expect(chosen.load).toBe(leastOf(holders));
        return;
      }
      const idlest = all.filter(({ load }) => load === least);
      expect(chosen.load).toBe(least);
      expect(chosen.lastChosen).toBe(Math.min(...idlest.map(({ lastChosen }) => lastChosen)));
    }),
  );
});

test("of nobody nobody is chosen, though somebody else holds it", () => {
  expect(chooseMember([], new Set([{ load: 0, lastChosen: 0 }]))).toBeUndefined();
});

test("requests that come and none of which ends: loads differ by the allowed lead at most, and one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(fc.nat(5), { maxLength: 120 }), (count, holders) => {
      const all = Array.from({ length: count }, () => ({ load: 0, lastChosen: 0 }));
      for (const [i, holder] of holders.entries()) {
        const chosen = chooseMember(all, new Set([all[holder % count]!]))!;
        chosen.load++;
        chosen.lastChosen = i + 1;
      }
      const least = leastOf(all);
      for (const { load } of all) expect(load).toBeLessThanOrEqual(least + allowedLead(least) + 1);
    }),
  );
});

test("without holders all take their turns", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 60 }), (count, requests) => {
      const all = Array.from({ length: count }, () => ({ load: 0, lastChosen: 0, served: 0 }));
      for (let i = 1; i <= requests; i++) {
        // Each has ended before the next comes.
        const chosen = chooseMember(all, NOBODY as ReadonlySet<(typeof all)[number]>)!;
        chosen.lastChosen = i;
        chosen.served++;
      }
      const served = all.map((member) => member.served);
      expect(Math.max(...served) - Math.min(...served)).toBeLessThanOrEqual(1);
    }),
  );
});
