/** Which of several places a setting comes from, and what is said of a wrong one. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { resolveGenerateOptions } from "../engine/generate-options.ts";
import { InputError } from "../errors.ts";
import { defaultConfigPath, readSettings, samplingOptions } from "./settings.ts";

const folder = mkdtempSync(join(tmpdir(), "vikhr-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));

const cores = availableParallelism();
const configPath = join(folder, "config.yaml");
function settings(flags: Record<string, unknown>, env: Record<string, string> = {}, config = "") {
  writeFileSync(configPath, config);
  return readSettings({ flags, env, configPath });
}

test("flags come before variables, variables before the file", () => {
  const config = "seed: 1\ncontext-size: 2000\ntemperature: 0\n";
  expect(settings({ seed: "3" }, { VIKHR_SEED: "2", VIKHR_CONTEXT_SIZE: "4000" }, config)).toEqual({
    seed: 3,
    contextSize: 4000,
    temperature: 0,
  });
  expect(readSettings({ flags: { json: true }, env: {}, configPath: join(folder, "none.yaml") })).toEqual({});
});

test("the first place that names a model or a server decides between them", () => {
  const server = { VIKHR_BASE_URL: "http://localhost:8000/v1", VIKHR_MODEL_ID: "m", OPENAI_API_KEY: "key" };
  expect(settings({ model: "quotes" }, server)).toEqual({ model: "quotes", apiKey: "key" });
  expect(settings({}, server, "model: nano")).toEqual({
    baseUrl: ["http://localhost:8000/v1"],
    modelId: "m",
    apiKey: "key",
  });
  expect(settings({ modelId: "n" }, server)).toMatchObject({ modelId: "n" });
  expect(() => settings({ model: "nano", baseUrl: "http://a" })).toThrow(InputError);
  expect(() => settings({ modelId: "n" })).toThrow("--base-url");
});

test("several servers: with commas, or as a list", () => {
  const both = ["http://a:8000/v1", "https://b/v1"];
  expect(settings({ baseUrl: both.join(","), modelId: "m" }).baseUrl).toEqual(both);
  expect(settings({}, { VIKHR_BASE_URL: both.join(", ") }).baseUrl).toEqual(both);
  expect(settings({}, {}, `base-url: [${both.join(", ")}]`).baseUrl).toEqual(both);
});

test("adapters with their scales; they go with the model of the same place, those of the command line with any", () => {
  const adapter = ["a.gguf=0.5", "b=1.gguf", "c=d=-2", "e=1.2.3"];
  const expected = [
    { path: "a.gguf", scale: 0.5 },
    { path: "b=1.gguf" },
    { path: "c=d", scale: -2 },
    { path: "e=1.2.3" },
  ];
  const config = "model: m\nadapter: [x, y=0]\n";
  expect(settings({ adapter }, {}, config)).toEqual({ model: "m", adapter: expected });
  expect(settings({}, {}, config).adapter).toEqual([{ path: "x" }, { path: "y", scale: 0 }]);
  expect(settings({ model: "n" }, { VIKHR_ADAPTER: "z" }, config)).toEqual({ model: "n" });
  expect(settings({}, { VIKHR_MODEL: "n", VIKHR_ADAPTER: "z=3" }, config)).toEqual({
    model: "n",
    adapter: [{ path: "z", scale: 3 }],
  });
});

test("the key of the variable that all tools share comes last", () => {
  expect(settings({ apiKey: "a" }, { OPENAI_API_KEY: "b" }).apiKey).toBe("a");
  expect(settings({}, { OPENAI_API_KEY: "b" }, "api-key: c").apiKey).toBe("c");
});

test.each<[Record<string, unknown>, Record<string, string>, string, string]>([
  [{ beams: "17" }, {}, "", '--beams is "17" and must be a whole number from 1 to 16'],
  [{ threads: "two" }, {}, "", '--threads is "two" and must be a whole number from 1'],
  [
    {},
    { VIKHR_THREADS: String(cores + 1) },
    "",
    `VIKHR_THREADS is "${cores + 1}" and must be a whole number from 1 to ${cores}, as many as this machine has cores`,
  ],
  [{ seed: "" }, {}, "", '--seed is "" and must be a whole number from 0'],
  [{}, { VIKHR_MAX_TOKENS: "1.5" }, "", "VIKHR_MAX_TOKENS"],
  [{ baseUrl: "localhost" }, {}, "", "--base-url"],
  [{ baseUrl: "http://a," }, {}, "", "an http:// or https:// address"],
  [{ baseUrl: "http://a,http://n:secret@b" }, {}, "", "--base-url must be without a name and password"],
  [{}, {}, "base-url: 7", "config.yaml: base-url is 7 and must be an address, or a list of them"],
  [{}, {}, "base-url: []", "base-url is [] and must be an address, or a list of them"],
  [{ temperature: "-1" }, {}, "", '--temperature is "-1" and must be a number from 0 to 100'],
  [{ temperature: "1000" }, {}, "", '--temperature is "1000" and must be a number from 0 to 100'],
  [{ temperature: "1e999" }, {}, "", "--temperature"],
  [{ temperature: "warm" }, {}, "", "a number from 0 to 100"],
  [{ seed: "99999999999" }, {}, "", "must be a whole number from 0 to 4294967294"],
  [
    {},
    {},
    "seed: 4294967295",
    "config.yaml: seed is 4294967295 and must be a whole number from 0 to 4294967294",
  ],
  [{ api: "responses" }, {}, "", '--api is "responses" and must be completions or chat'],
  [{ adapter: [""] }, {}, "", '--adapter is [""] and must be a file, or file=scale'],
  [{}, {}, "adapter: 7", "config.yaml: adapter is 7 and must be a file, or a list of them"],
  [{}, {}, "model: 7", "config.yaml: model is 7 and must be a text"],
  [{}, {}, "treads: 2", 'there is no setting "treads": known are model'],
  [{}, {}, "- model", "must hold lines"],
  [{}, {}, "model: [", "is not YAML"],
  [{}, {}, "x".repeat(70_000), "larger than"],
])("%j %j %j", (flags, env, config, says) => {
  expect(() => settings(flags, env, config)).toThrow(InputError);
  expect(() => settings(flags, env, config)).toThrow(says);
});

test("a wrong key is not repeated", () => {
  expect(() => settings({}, {}, "api-key: [secret]")).toThrow(/api-key must be a text$/);
});

test("quality is a beam search of four, beams one of as many", () => {
  expect(samplingOptions({ quality: true })).toEqual({ beamSearch: { beams: 4 } });
  expect(samplingOptions({ quality: true, beams: 8 })).toEqual({ beamSearch: { beams: 8 } });
  expect(samplingOptions({ beams: 1 })).toEqual({});
  const read = (flags: object) => readSettings({ flags: { ...flags }, env: {}, configPath: "/none" });
  expect(read({ quality: true }).quality).toBe(true);
});

test("what is taken at its bounds, the engines take, too", () => {
  const bounds = [
    { temperature: "0", seed: "0", maxTokens: "1", beams: "1" },
    { temperature: "100", seed: "4294967294", maxTokens: String(Number.MAX_SAFE_INTEGER), beams: "16" },
  ];
  for (const flags of bounds)
    expect(() => resolveGenerateOptions(samplingOptions(settings(flags)))).not.toThrow();
});

test("the config file lies where XDG says", () => {
  expect(defaultConfigPath({ XDG_CONFIG_HOME: "/x" })).toBe(join("/x", "vikhr", "config.yaml"));
  expect(defaultConfigPath({})).toMatch(/\.config.vikhr.config\.yaml$/);
});
