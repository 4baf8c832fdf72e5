import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { InputError } from "../../errors.ts";
import { ApiKeys, hashApiKey, newApiKey } from "./api-keys.ts";
import { plainApiKeys, readApiKeys } from "./read-api-keys.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-keys-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (text: string) => {
  const path = join(folder, "keys.yaml");
  writeFileSync(path, text);
  return path;
};
const hashed = (key: string) => `sha256:${hashApiKey(key, "the key").toString("hex")}`;

describe("ApiKeys", () => {
  test("finds the one key that was sent, wherever it stands, and no other text", () => {
    const made = Array.from({ length: 5 }, newApiKey);
    const keys = new ApiKeys(made.map((key, i) => ({ name: `k${i}`, hash: hashApiKey(key, "it") })));
    for (const [i, key] of made.entries()) expect(keys.find(key)?.key.name).toBe(`k${i}`);
    const near = fc
      .tuple(fc.constantFrom(...made), fc.nat(48), fc.string({ minLength: 1, maxLength: 1 }))
      .map(([key, at, letter]) => key.slice(0, at) + letter + key.slice(at + 1))
      .filter((text) => !made.includes(text));
    fc.assert(fc.property(fc.oneof(near, fc.string()), (text) => keys.find(text) === undefined));
    expect(keys.find("")).toBeUndefined();
    expect(keys.find("x".repeat(100_000))).toBeUndefined();
  });

  test("so many requests at one time; each that ends makes room", () => {
    const key = newApiKey();
    const hash = hashApiKey(key, "it");
    const client = new ApiKeys([{ name: "a", hash, concurrentRequests: 2 }]).find(key)!;
    const leave = client.enter();
    client.enter();
    expect(() => client.enter()).toThrow(/2 requests of this key are under way/);
    leave();
    client.enter();
    expect(() => client.enter()).toThrow(expect.objectContaining({ status: 429, retryAfter: 1 }));
  });

  test("so many requests a minute, by a clock; what is refused for one reason costs nothing of the other", () => {
    let now = 0;
    const key = newApiKey();
    const hash = hashApiKey(key, "it");
    const limits = { requestsPerMinute: 2, concurrentRequests: 1 };
    const client = new ApiKeys([{ name: "a", hash, ...limits }], () => now).find(key)!;
    const leave = client.enter();
    for (let i = 0; i < 5; i++) expect(() => client.enter()).toThrow(/under way/);
    leave();
    client.enter()();
    for (let i = 0; i < 5; i++)
      expect(() => client.enter()).toThrow(expect.objectContaining({ status: 429, retryAfter: 30 }));
    now = 30_000;
    client.enter()();
    expect(() => client.enter()).toThrow(/2 requests a minute/);
  });
});

describe("where keys come from", () => {
  test("a file's lines, with hashes or keys", () => {
    const key = newApiKey();
    const [anna, boris] = readApiKeys(
      file(
        `- { name: anna, hash: "${hashed(key)}", local: true }\n- name: boris\n  key: correct-horse-battery-staple\n  requests-per-minute: 60\n  concurrent-requests: 4\n`,
      ),
    );
    expect(anna).toMatchObject({ name: "anna", isLocal: true, requestsPerMinute: undefined });
    expect(boris).toMatchObject({ name: "boris", requestsPerMinute: 60, concurrentRequests: 4 });
    const keys = new ApiKeys([anna!, boris!]);
    expect(keys.find(key)?.key.name).toBe("anna");
    expect(keys.find("correct-horse-battery-staple")?.key.name).toBe("boris");
    expect(readApiKeys(file(""))).toEqual([]);
  });

  test("flags and a variable", () => {
    const [a, b, c] = [newApiKey(), newApiKey(), newApiKey()];
    const keys = new ApiKeys(plainApiKeys([a], ` ${b},${c}\n`));
    expect([a, b, c].map((key) => keys.find(key)?.key.name)).toEqual(["key-1", "env-1", "env-2"]);
  });

  test("what is wrong is said with its place, and never with the key", () => {
    const secret = "hunter2";
    const good = `hash: "${hashed(newApiKey())}"`;
    const wrong: [text: string, says: RegExp][] = [
      [`- { name: a, key: ${secret} }`, /keys\.yaml: the key of a is no safe key/],
      [`- { name: a, hash: ${secret} }`, /keys\.yaml, key 1, hash: must be sha256/],
      [`- { name: a }`, /key 1: needs either hash or key/],
      [`- { name: a, ${good}, key: ${secret}${secret}${secret} }`, /needs either/],
      [`- { name: a, ${good}, requests-per-minute: 0 }`, /key 1, requests-per-minute/],
      [`- { name: a, ${good}, concurrent-requests: 1.5 }`, /key 1, concurrent-requests/],
      [`- { name: a, ${good}, secret: ${secret} }`, /key 1: /],
      [`- { name: a, ${good} }\n- { name: a, hash: "${hashed(newApiKey())}" }`, /a is there twice/],
      [`- { name: a, ${good} }\n- { name: b, ${good} }`, /b is there twice, or has the key of a/],
      [secret, /keys\.yaml: /],
      [`- [`, /is not YAML/],
    ];
    for (const [text, says] of wrong) {
      const read = () => readApiKeys(file(text));
      expect(read, text).toThrow(InputError);
      expect(read).toThrow(says);
      expect(read).not.toThrow(new RegExp(secret));
    }
    expect(() => plainApiKeys([secret])).toThrow(/--api-key number 1 is no safe key/);
    expect(() => plainApiKeys([], secret)).toThrow(/VIKHR_API_KEYS, key 1,/);
    expect(() => plainApiKeys(["with spaces in it, and long"])).toThrow(/without spaces/);
  });
});
