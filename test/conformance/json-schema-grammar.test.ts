/**
 * Grammars of JSON schemas as llama.cpp reads them: random values that fit random schemas are admitted, and nothing that
 * does not fit; and what a model writes under them.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type NativeModel, openBackend } from "../../src/engine/embedded/bindings.ts";
import { Grammar } from "../../src/engine/embedded/decoding/grammar.ts";
import { openEmbedded } from "../../src/engine/embedded/open-embedded.ts";
import { InputError } from "../../src/errors.ts";
import { jsonSchemaGrammar } from "../../src/server/generation/json-schema-grammar.ts";
import type { LanguageModel } from "../../src/spec/language-model.ts";
import { type JsonValue, pythonJson } from "../../src/util/python-json.ts";
import { complete } from "./language-model.ts";
import { changed, fits, type JsonSchema, schemas } from "./schema-arbitrary.ts";
import { writeTinyGguf } from "./tiny-gguf.ts";

const NANO = join(import.meta.dirname, "../../models/nano.gguf");

const folder = mkdtempSync(join(tmpdir(), "vikhr-schema-"));
let native: NativeModel;
beforeAll(async () => {
  const path = join(folder, "tiny.gguf");
  await writeTinyGguf(path);
  const backend = await openBackend(false);
  native = await backend.load(path, {
    contextSize: 256,
    batchSize: 256,
    outputs: 1,
    sequences: 1,
    threads: 1,
    gpuLayers: 0,
    kvType: "f16",
    tokenizer: "gpt2",
  });
}, 60_000);
afterAll(() => {
  native.dispose();
  rmSync(folder, { recursive: true });
});

/** Whether a text is whole in the grammar, by llama.cpp's own word. A copy of a grammar would take longer than a new one. */
function admits(gbnf: string, text: string): boolean {
  const { llama, vocabulary } = native;
  const grammar = Grammar.start(llama, vocabulary, gbnf);
  try {
    for (const token of native.tokenize(text, false)) {
      if (!grammar.allows(token)) return false;
      grammar.accept(token);
    }
    return grammar.allows(llama.eos(vocabulary));
  } finally {
    grammar.dispose();
  }
}

const RUNS = { numRuns: 100 };

describe("what llama.cpp admits", () => {
  test("values that fit, and of others none", () => {
    const cases = schemas.chain(({ schema, values }) =>
      fc
        .array(values, { minLength: 3, maxLength: 3 })
        .chain((all) => fc.tuple(fc.constant(schema), fc.constant(all), fc.tuple(...all.map(changed)))),
    );
    let refused = 0;
    fc.assert(
      fc.property(cases, ([schema, fitting, others]) => {
        const grammar = jsonSchemaGrammar(schema);
        for (const value of fitting) {
          expect(fits(schema, value)).toBe(true);
          expect([value, admits(grammar, pythonJson(value))]).toEqual([value, true]);
        }
        for (const value of others)
          if (!fits(schema, value)) {
            refused++;
            expect([value, admits(grammar, pythonJson(value))]).toEqual([value, false]);
          }
      }),
      RUNS,
    );
    expect(refused).toBeGreaterThan(RUNS.numRuns / 4);
  });

  test("a text with a character more, less or another is JSON that fits still, or not admitted", () => {
    const edit = fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom(...' \n,:"\\[]{}0-1.eatn я'));
    const cases = schemas.chain(({ schema, values }) =>
      fc.tuple(fc.constant(schema), values, fc.array(edit, { minLength: 5, maxLength: 5 })),
    );
    fc.assert(
      fc.property(cases, ([schema, value, edits]) => {
        const grammar = jsonSchemaGrammar(schema);
        const text = pythonJson(value);
        for (const [place, kind, character] of edits) {
          const at = place % (text.length + 1);
          const other =
            text.slice(0, at) + (kind === 0 ? "" : character) + text.slice(at + (kind === 1 ? 0 : 1));
          if (/\p{Surrogate}/u.test(other) || !admits(grammar, other)) continue;
          expect([other, fits(schema, JSON.parse(other))]).toEqual([other, true]);
        }
      }),
      RUNS,
    );
  });

  test.each<[string, JsonSchema, string[], string[]]>([
    [
      "names out of a list",
      z.toJSONSchema(z.record(z.enum(["a", "b"]), z.int())) as JsonSchema,
      ['{"a": 1, "b": 2}'],
      ['{"a": 1}', "{}", '{"c": 1}', '{"a": "x", "b": 2}'],
    ],
    [
      "names out of a list, some of them",
      z.toJSONSchema(z.partialRecord(z.enum(["a", "b"]), z.int())) as JsonSchema,
      ["{}", '{"b": 2}', '{"a": 1, "b": 2}'],
      ['{"c": 1}', '{"a": 1, "a": 2}'],
    ],
    [
      "names with a pattern, counted",
      {
        propertyNames: { pattern: "^x\\d$" },
        additionalProperties: { type: "null" },
        minProperties: 1,
        maxProperties: 2,
      },
      ['{"x1": null}', '{"x1": null, "x2": null}'],
      ["{}", '{"y": null}', '{"x1": null, "x2": null, "x3": null}'],
    ],
    [
      "further properties beside some",
      z.toJSONSchema(z.looseObject({ a: z.literal(1), "b]": z.null().optional() })) as JsonSchema,
      ['{"a": 1}', '{"a": 1, "b]": null, "c": {"d": [1.5, "e"]}}', '{"a": 1, "aa": 1, "": 0}'],
      ["{}", '{"c": 1}', '{"a": 1, "b]": 3}', '{"a": 1, "a": 1}'],
    ],
    [
      "tuples as earlier drafts spell them",
      {
        type: "array",
        items: [{ type: "integer" }, { type: "null" }],
        additionalItems: { type: "boolean" },
        minItems: 1,
      },
      ["[1]", "[1, null]", "[1, null, true, false]"],
      ["[]", "[1, true]", "[null]"],
    ],
    [
      "a reference with more said beside it",
      {
        $ref: "#/$defs/n%20o~1",
        minimum: 3,
        description: "x",
        $defs: { "n o/": { type: "integer", maximum: 12 } },
      },
      ["3", "12"],
      ["2", "13", "3.0"],
    ],
    [
      "alternatives that each add to what is common",
      {
        type: "object",
        properties: { kind: { type: "string" } },
        required: ["kind"],
        oneOf: [
          { properties: { kind: { const: "a" }, x: { type: "null" } }, required: ["x"] },
          { properties: { kind: { const: "b" } } },
        ],
      },
      ['{"kind": "a", "x": null}', '{"kind": "b"}'],
      ['{"kind": "a"}', '{"kind": "c"}', '{"kind": "b", "x": null}'],
    ],
    [
      "bounds said twice: the narrower ones",
      {
        allOf: [
          { minLength: 2, maxLength: 5, type: "string" },
          { minLength: 3, maxLength: 9 },
        ],
      },
      ['"abc"', '"abcde"'],
      ['"ab"', '"abcdef"'],
    ],
    ["an unpaired surrogate", { const: "\ud800" }, ['"\\ud800"'], ['"\ufffd"', '""']],
    [
      "no white space but the fixed one",
      {},
      ['{"a": [1, 2]}'],
      ['{"a":[1, 2]}', '{"a": [1,2]}', " {}", "{} ", "{ }", "[ ]", "1\n"],
    ],
  ])("%s", (_, schema, good, bad) => {
    const grammar = jsonSchemaGrammar(schema);
    expect(good.filter((text) => !admits(grammar, text))).toEqual([]);
    expect(bad.filter((text) => admits(grammar, text))).toEqual([]);
  });

  test.each([
    [{ type: "string", minLength: 250, maxLength: 12_345 }, 250, 12_345],
    [{ type: "string", maxLength: 1_000_000 }, 0, 1_000_000],
    [{ type: "string", minLength: 99, maxLength: 100 }, 99, 100],
  ])("lengths in the thousands are exact: %o", (schema, min, max) => {
    const grammar = jsonSchemaGrammar(schema);
    for (const length of [min - 1, min, min + 1, min + 100, 1000, 9999, 10_000, max, max + 1]) {
      if (length < 0 || length > 20_000) continue;
      const isAdmitted = admits(grammar, `"${"я".repeat(length)}"`);
      expect([length, isAdmitted]).toEqual([length, length >= min && length <= max]);
    }
  });

  test("a pattern that could be read in many ways costs no more than a plain one", () => {
    const grammar = jsonSchemaGrammar({ type: "string", pattern: "^(a|a|aa|a*)*$" });
    expect(admits(grammar, `"${"a".repeat(2000)}"`)).toBe(true);
    expect(admits(grammar, `"${"a".repeat(2000)}b"`)).toBe(false);
  });

  test("whatever is taken for a schema is a grammar to llama.cpp, or an input error", () => {
    const keys = [
      "type",
      "properties",
      "required",
      "items",
      "anyOf",
      "allOf",
      "$ref",
      "enum",
      "pattern",
      "a",
    ];
    const schema = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(
          "object",
          "array",
          "string",
          "integer",
          "#",
          "#/a",
          "^a(b",
          "a|b",
          3,
          -1,
          true,
          false,
          null,
        ),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keys), tie("any"), { maxKeys: 4 }),
      ),
    })).any;
    fc.assert(
      fc.property(schema, (any) => {
        let gbnf: string;
        try {
          gbnf = jsonSchemaGrammar(any);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          return;
        }
        Grammar.start(native.llama, native.vocabulary, gbnf).dispose();
      }),
      { numRuns: 5 * RUNS.numRuns },
    );
  });
});

describe("what a model writes", () => {
  let model: LanguageModel;
  beforeAll(async () => {
    model = await openEmbedded(NANO, { gpu: false, contextSize: 2048, threads: 1 });
  }, 60_000);
  afterAll(() => model.close());

  const Tree = z.object({
    v: z.int().min(0).max(9),
    get kids() {
      return z.array(Tree).max(2);
    },
  });
  const SCHEMAS: Record<string, z.ZodType> = {
    record: z.object({
      name: z.string().max(12),
      age: z.int().min(0).max(130),
      mail: z.email().max(20).optional(),
      born: z.iso.date().nullable(),
      score: z.number().min(0).max(1),
      tags: z
        .array(z.enum(["красный", "green", 'q"']).or(z.null()))
        .min(1)
        .max(3),
    }),
    union: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("city"), population: z.int().positive() }),
      z.object({ kind: z.literal("river"), code: z.string().regex(/^[A-Z]{2}-\d{1,3}$/) }),
    ]),
    tree: Tree,
    tuple: z.tuple([z.uuid(), z.boolean(), z.number().multipleOf(0.5).min(-10).max(10)]),
  };

  test.each(Object.keys(SCHEMAS))("%s", async (name) => {
    const schema = z.toJSONSchema(SCHEMAS[name]!);
    const grammar = jsonSchemaGrammar(schema);
    let whole = 0;
    for (const seed of [1, 2, 3, 4]) {
      const messages = [{ role: "user", content: "Опиши реку Волгу. Answer in JSON." }];
      const options = { temperature: 1, seed, grammar, maxTokens: 500 };
      let text = "";
      let finishReason: string | undefined;
      for await (const chunk of model.generate({ messages }, options)) {
        text += chunk.text;
        finishReason = chunk.finishReason ?? finishReason;
      }
      // Cut off, it is no JSON yet.
      if (finishReason !== "stop") continue;
      whole++;
      const value: JsonValue = JSON.parse(text);
      expect(
        z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value).error,
      ).toBeUndefined();
      expect(SCHEMAS[name]!.safeParse(value).error).toBeUndefined();
    }
    expect(whole).toBeGreaterThan(0);
  });

  test("an object of any kind", async () => {
    const grammar = jsonSchemaGrammar({ type: "object", maxProperties: 2 });
    const messages = [{ role: "user", content: "{" }];
    const { text } = await complete(model, { messages }, { temperature: 0, grammar, maxTokens: 60 });
    expect(text.startsWith("{")).toBe(true);
    expect(text).not.toMatch(/^\{\s/);
  });
});
