/** What `npm ci` needs on every platform, also where the registry at hand did not carry a platform's package. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

interface Locked {
  resolved?: string;
  optionalDependencies?: Record<string, string>;
}

const path = join(import.meta.dirname, "../package-lock.json");
const { packages } = JSON.parse(readFileSync(path, "utf8")) as { packages: Record<string, Locked> };

test("every optional dependency has its entry: npm ci refuses a lock file that lacks one", () => {
  const missing = Object.entries(packages).flatMap(([user, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter(
        (name) => !(`${user}/node_modules/${name}` in packages) && !(`node_modules/${name}` in packages),
      )
      .map((name) => `${user} -> ${name}`),
  );
  expect(missing).toEqual([]);
});

test("nothing comes from outside the registry", () => {
  const elsewhere = Object.entries(packages).filter(
    ([, { resolved }]) => resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/"),
  );
  expect(elsewhere.map(([name]) => name)).toEqual([]);
});
