import fc from "fast-check";
import { expect, test } from "vitest";
import { foreignReason, isLoopbackAddress } from "./foreign-reason.ts";

const PORT = 8080;
const OWN_HOSTS = [`localhost:${PORT}`, `127.0.0.1:${PORT}`, `[::1]:${PORT}`, `LocalHost:${PORT}`];
const OTHER_HOSTS = [
  undefined,
  "",
  "localhost",
  "localhost:8081",
  `evil.example:${PORT}`,
  `localhost.evil.example:${PORT}`,
  `evil.example#localhost:${PORT}`,
  `127.0.0.1.nip.io:${PORT}`,
  `0.0.0.0:${PORT}`,
  `localhost:${PORT}, evil.example`,
  `user@localhost:${PORT}`,
  `localhost.:${PORT}`,
];
const CORS = ["https://friend.example"];
const OTHER_ORIGINS = [
  "null",
  "",
  "https://evil.example",
  "https://friend.example.evil.example",
  "http://friend.example",
  "https://friend.example:8443",
  "http://localhost:3000",
  "http://localhost",
  "file://",
];
const FETCH_SITES = [undefined, "same-origin", "none", "same-site", "cross-site", "nonsense"];

test("on loopback a request goes on if and only if its host, its page and its browser say that it is ours", () => {
  const host = fc.constantFrom(...OWN_HOSTS, ...OTHER_HOSTS);
  const origin = fc.constantFrom(undefined, "own", ...CORS, ...OTHER_ORIGINS);
  fc.assert(
    fc.property(
      host,
      origin,
      fc.constantFrom(...FETCH_SITES),
      fc.boolean(),
      (host, from, fetchSite, isNavigation) => {
        const own = `http://${host?.toLowerCase()}`;
        const source = { host, origin: from === "own" ? own : from, fetchSite, isNavigation };
        const isOwnHost = OWN_HOSTS.includes(host ?? "");
        const isTold = from !== undefined;
        const isFriend = from === "own" || CORS.includes(from ?? "");
        const isOwnSite = fetchSite === undefined || fetchSite === "same-origin" || fetchSite === "none";
        const goesOn = isOwnHost && (isTold ? isFriend : isOwnSite || isNavigation);
        expect(foreignReason(source, { loopbackPort: PORT, cors: CORS }) === undefined).toBe(goesOn);
      },
    ),
    { numRuns: 2000 },
  );
});

test("elsewhere any host will do, and pages of others still may not ask", () => {
  const rules = { loopbackPort: undefined, cors: [] };
  const ask = (host: string, origin?: string) =>
    foreignReason({ host, origin, fetchSite: undefined, isNavigation: false }, rules);
  expect(ask("vikhr.example")).toBeUndefined();
  expect(ask("vikhr.example", "https://vikhr.example")).toBeUndefined();
  expect(ask("vikhr.example", "https://friend.example")).toMatch(/--cors/);
  expect(ask("vikhr.example:8443", "https://vikhr.example")).toMatch(/--cors/);
});

test("at port 80 browsers leave the port out", () => {
  const source = { host: "localhost", origin: "http://localhost", fetchSite: undefined, isNavigation: false };
  expect(foreignReason(source, { loopbackPort: 80, cors: [] })).toBeUndefined();
});

test("which addresses only this machine reaches", () => {
  expect(["localhost", "127.0.0.1", "127.1.2.3", "::1"].every(isLoopbackAddress)).toBe(true);
  expect(
    ["0.0.0.0", "::", "192.168.0.1", "127.0.0.1.nip.io", "localhost.example", ""].some(isLoopbackAddress),
  ).toBe(false);
});
