import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resolveGenerateOptions } from "../../engine/generate-options.ts";
import { InputError } from "../../errors.ts";
import { jsonSchemaGrammar } from "./json-schema-grammar.ts";

/** What llama.cpp makes of such grammars is in test/conformance/json-schema-grammar.test.ts. */

const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });

describe("jsonSchemaGrammar", () => {
  test("properties in order, optional ones in any subset, white space in one way", () => {
    const schema = object(
      { a: { type: "null" }, b: { const: 1 }, c: { enum: ["(", "\n"] } },
      { required: ["b"] },
    );
    expect(jsonSchemaGrammar(schema).split("\n")).toEqual([
      'root ::= "{" r1 "}"',
      'r1 ::= "\\"a\\": " r2 ", \\"b\\": " r3 r4 | "\\"b\\": " r3 r4',
      'r2 ::= "null"',
      'r3 ::= "1"',
      'r4 ::= ", \\"c\\": " r5 | ""',
      'r5 ::= "\\"\\x28\\"" | "\\"\\\\n\\""',
      "",
    ]);
  });

  test("equal parts are said once, however often they are referred to", () => {
    const item = object({ name: { type: "string" } });
    const names = Array.from({ length: 100 }, (_, i) => `p${i}`);
    const schema = {
      ...object(Object.fromEntries(names.map((name) => [name, { $ref: "#/$defs/item" }])), {
        required: names,
      }),
      $defs: { item },
    };
    expect(jsonSchemaGrammar(schema).match(/name/g)).toHaveLength(1);
  });

  test.each<[unknown, RegExp]>([
    [[], /at # must be an object/],
    [object({ a: 3 }), /at #\/properties\/a must be an object, true or false/],
    [object({ "x/y~": { type: "text" } }), /at #\/properties\/x~1y~0\/type must be one or more of/],
    [object({ a: { type: [] } }), /at #\/properties\/a\/type must be/],
    [object({ a: { enum: "b" } }), /at #\/properties\/a\/enum must be an array/],
    [{ anyOf: [] }, /at #\/anyOf must be an array of schemas/],
    [{ items: { minLength: -1 } }, /at #\/items\/minLength must be a whole number/],
    [{ minimum: "1" }, /at #\/minimum must be a number/],
    [{ required: [1] }, /at #\/required must be an array of names/],
    [{ pattern: 1 }, /at #\/pattern must be a string/],
    [{ $ref: "https://json-schema.org/draft/2020-12/schema" }, /at #\/\$ref must be "#"/],
    [{ $ref: "#/$defs/a\nb" }, /at #\/\$ref leads nowhere: #\/\$defs\/a\?b/],
    [{ $ref: "#/__proto__" }, /at #\/\$ref leads nowhere/],
    [{ $ref: "#/constructor/name" }, /at #\/\$ref leads nowhere/],
    [object({ a: { not: {} } }), /at #\/properties\/a\/not is not supported/],
    [{ type: "array", uniqueItems: true }, /at #\/uniqueItems is not supported/],
    [{ enum: ["a"], minLength: 3 }, /at #\/minLength is not supported beside enum/],
    [object({}, { minProperties: 1 }), /minProperties/],
    [{ type: "string", pattern: "^(?=a)" }, /at # cannot be followed: the pattern looks ahead/],
    [{ type: "string", pattern: "(a)\\1" }, /has \\1, which is not supported/],
    [{ type: "string", pattern: "\\bword" }, /has \\b, which is not supported/],
    [{ type: "string", pattern: "\\p{L}" }, /has \\p, which is not supported/],
    [{ type: "string", pattern: "(a" }, /is not closed/],
    [{ type: "string", pattern: "a**" }, /repeats a repetition/],
    [{ type: "string", pattern: "[z-a]" }, /a range of characters that is none/],
    [{ type: "string", pattern: "a{2,1}" }, /from more to less/],
    [{ type: "integer", multipleOf: 0 }, /not above 0/],
    [{ type: "integer", multipleOf: 1234567 }, /too many digits/],
  ])("%j is refused, with the place and the reason", (schema, reason) => {
    expect(() => jsonSchemaGrammar(schema)).toThrow(InputError);
    expect(() => jsonSchemaGrammar(schema)).toThrow(reason);
  });

  test.each<[unknown, RegExp]>([
    [false, /at # has no value/],
    [{ $ref: "#" }, /at # refers to itself, with no value between/],
    [{ anyOf: [{ type: "null" }, { allOf: [{ $ref: "#" }] }] }, /refers to itself/],
    [object({ a: { $ref: "#" } }, { required: ["a"] }), /at # has no value that fits and ends/],
    [
      object({ a: { items: { $ref: "#/properties/a" }, minItems: 1 } }, { required: ["a"] }),
      /at #\/properties\/a has no/,
    ],
    [{ type: "integer", minimum: 0.1, maximum: 0.9 }, /has no value/],
    [{ type: "string", minLength: 2, maxLength: 1 }, /has no value/],
    [{ type: "string", pattern: "^a$", format: "date" }, /has no value/],
    [{ type: "string", enum: [1, 2] }, /has no value/],
    [{ allOf: [{ type: "string" }, { type: "number" }] }, /has no value/],
    [{ required: ["a"], additionalProperties: false }, /has no value/],
  ])("%j has no value: said at once, instead of going on without end", (schema, reason) => {
    expect(() => jsonSchemaGrammar(schema)).toThrow(InputError);
    expect(() => jsonSchemaGrammar(schema)).toThrow(reason);
  });

  test("what has no value is left out where it may be", () => {
    const list = object(
      { next: { $ref: "#" }, never: false, v: { anyOf: [false, { const: 7 }] } },
      { required: ["v"] },
    );
    const grammar = jsonSchemaGrammar(list);
    expect(grammar).toMatch(/next/);
    expect(grammar).not.toMatch(/never/);
  });

  const nested = (open: string, close: string, times: number) =>
    JSON.parse(`${open.repeat(times)}{}${close.repeat(times)}`);
  const numbered = (count: number, value: (i: number) => unknown) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, value(i)]));
  test.each<[string, () => unknown]>([
    ["nesting", () => nested('{"items":', "}", 5000)],
    ["nesting of anyOf", () => nested('{"anyOf":[', "]}", 5000)],
    ["a nested constant", () => ({ const: nested("[", "]", 5000) })],
    ["properties", () => object(numbered(50_000, () => ({ type: "null" })))],
    ["values", () => ({ enum: Array.from({ length: 50_000 }, (_, i) => i) })],
    ["a long value", () => ({ const: "a".repeat(1_000_000) })],
    [
      "alternatives",
      () => ({ allOf: Array.from({ length: 30 }, () => ({ anyOf: [{ minimum: 1 }, { maximum: 1 }] })) }),
    ],
    [
      "references",
      () => ({ $ref: "#/$defs/p0", $defs: numbered(5000, (i) => ({ $ref: `#/$defs/p${i + 1}` })) }),
    ],
    [
      "alternatives of alternatives",
      () => ({
        $ref: "#/$defs/p0",
        $defs: numbered(40, (i) => ({
          anyOf: [{ $ref: `#/$defs/p${i + 1}` }, { const: i }, { allOf: [{ $ref: `#/$defs/p${i + 1}` }] }],
        })),
      }),
    ],
    ["counts", () => object(numbered(3000, (i) => ({ type: "string", maxLength: 50 + i })))],
    ["a pattern that needs a state for each of 2^12 pasts", () => ({ pattern: "^(.*a.{12})$" })],
    ["a pattern of empty repetitions", () => ({ pattern: `${"(".repeat(40)}${"){1000}".repeat(40)}` })],
    ["parentheses", () => ({ pattern: "(".repeat(3000) })],
    ["patterns", () => object(numbered(500, (i) => ({ pattern: `^(a|b|cd?){1,${i}}[^x]$` })))],
  ])("%s without bounds: an error, no crash", (_, schema) => {
    expect(() => jsonSchemaGrammar(schema())).toThrow(InputError);
  });

  test("great counts, names and references without end are no trouble", () => {
    for (const schema of [
      { type: "array", items: { $ref: "#" }, maxItems: 10 ** 9 },
      { type: "string", minLength: 10 ** 6, maxLength: Number.MAX_SAFE_INTEGER },
      { allOf: Array.from({ length: 100 }, () => ({ minLength: 3 })) },
      JSON.parse(
        '{"properties": {"__proto__": {"const": 1}, "constructor": {}}, "required": ["__proto__", "toString"]}',
      ),
      object({ '\u0000"\\(\n\ud800': { type: "null" } }, { additionalProperties: true }),
    ]) {
      const grammar = jsonSchemaGrammar(schema);
      expect(resolveGenerateOptions({ grammar }).grammar).toBe(grammar);
      expect(grammar).not.toMatch(/[\u0000-\u0009\u000b-\u001f\ud800]/u);
    }
  });

  test("whatever comes: a grammar that the engine takes, or an input error", () => {
    const keys =
      "type properties required items prefixItems anyOf oneOf allOf $ref enum const pattern format minLength";
    const schema = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(
          "object",
          "array",
          "string",
          "number",
          "#",
          "#/items",
          "^(a|b)*c",
          "date",
          2,
          -1,
          null,
          true,
        ),
        fc.anything(),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keys.split(" "), "a", "__proto__"), tie("any"), { maxKeys: 5 }),
      ),
    })).any;
    fc.assert(
      fc.property(schema, (any) => {
        try {
          resolveGenerateOptions({ grammar: jsonSchemaGrammar(any) });
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
