/** Random JSON schemas with values that fit them, and what fits a schema by the standard's own words. */
import fc from "fast-check";
import type { JsonValue } from "../../src/util/python-json.ts";

export type JsonSchema = boolean | { [key: string]: unknown };

export interface SchemaAndValues {
  schema: JsonSchema;
  values: fc.Arbitrary<JsonValue>;
}

const NAMES = ["a", "ab", "имя", 'q"\\', "line\nend", "__proto__", "constructor", "(", "\u0001", "😀", ""];
const PATTERNS = [
  "^a+b?$",
  "^(?:x|yz){2,3}$",
  "[0-9]{2}",
  "^[А-Яа-яё]{1,4}(-\\d)*$",
  '^[^a-z]"$',
  "^$|^\\s\\S$",
];

const nothing = (value: JsonValue): SchemaAndValues => ({
  schema: { const: value },
  values: fc.constant(value),
});

const text = (options: { minLength?: number; maxLength?: number }) =>
  fc.array(fc.constantFrom(...'aя0 "\\\n\u0000\u001f\u007f€😀'), options).map((all) => all.join(""));

const strings: fc.Arbitrary<SchemaAndValues> = fc
  .tuple(fc.nat(3), fc.nat(4), fc.boolean())
  .map(([minLength, more, isOpen]) => {
    const bounds = isOpen ? { minLength } : { minLength, maxLength: minLength + more };
    return {
      schema: { type: "string", ...bounds },
      values: text({ ...bounds, maxLength: minLength + more }),
    };
  });

const patterned: fc.Arbitrary<SchemaAndValues> = fc.constantFrom(...PATTERNS).map((pattern) => ({
  schema: { type: "string", pattern },
  values: fc.stringMatching(new RegExp(pattern, "u")),
}));

const time = fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true });
const formatted: fc.Arbitrary<SchemaAndValues> = fc.constantFrom<SchemaAndValues[]>(
  { schema: { type: "string", format: "date" }, values: time.map((date) => date.toISOString().slice(0, 10)) },
  { schema: { type: "string", format: "date-time" }, values: time.map((date) => date.toISOString()) },
  { schema: { type: "string", format: "time" }, values: time.map((date) => date.toISOString().slice(11)) },
  { schema: { type: "string", format: "uuid" }, values: fc.uuid() },
  { schema: { type: "string", format: "ipv4" }, values: fc.ipV4() },
);

const integers: fc.Arbitrary<SchemaAndValues> = fc
  .tuple(fc.maxSafeInteger(), fc.maxSafeInteger(), fc.constantFrom(1, 7, 100, 0.5), fc.nat(3))
  .map(([one, other, multipleOf, kind]) => {
    const [minimum, maximum] = [Math.min(one, other), Math.max(one, other)];
    const bounds = [{}, { minimum }, { maximum }, { minimum, maximum }][kind]!;
    const low = kind === 1 || kind === 3 ? minimum : -Number.MAX_SAFE_INTEGER;
    const high = kind >= 2 ? maximum : Number.MAX_SAFE_INTEGER;
    const whole = Math.max(1, multipleOf);
    const values = fc
      .maxSafeInteger()
      .map((value) => Math.min(high, Math.max(low, value)))
      .map((value) => value - (value % whole))
      .map((value) => (value < low ? Math.ceil(low / whole) * whole : value))
      .filter((value) => value >= low && value <= high)
      .map((value) => value + 0 || 0);
    // Both bounds may lie so near to each other that nothing fits.
    const hasAny = Math.ceil(low / whole) * whole <= high;
    return hasAny
      ? { schema: { type: "integer", ...bounds, ...(multipleOf === 1 ? {} : { multipleOf }) }, values }
      : nothing(null);
  });

const hundredths = fc.tuple(
  fc.integer({ min: -100_000, max: 100_000 }),
  fc.integer({ min: -100_000, max: 100_000 }),
);
const numbers: fc.Arbitrary<SchemaAndValues> = fc.oneof(
  fc.constant<SchemaAndValues>({
    schema: { type: "number" },
    values: fc.double({ noNaN: true, min: -9e306, max: 9e306 }).map((value) => value || 0),
  }),
  hundredths.map(([one, other]) => {
    const [low, high] = [Math.min(one, other), Math.max(one, other) + 2];
    return {
      schema: { type: "number", exclusiveMinimum: low / 100, maximum: high / 100 },
      values: fc.integer({ min: low + 1, max: high }).map((value) => value / 100 || 0),
    };
  }),
  fc.constant<SchemaAndValues>({
    schema: { type: "number", multipleOf: 0.25, minimum: 0 },
    values: fc.nat().map((value) => value / 4),
  }),
);

const plain = fc.constantFrom<SchemaAndValues[]>(
  { schema: { type: "null" }, values: fc.constant(null) },
  { schema: { type: "boolean" }, values: fc.boolean() },
  { schema: { type: ["string", "null"], maxLength: 3 }, values: fc.option(text({ maxLength: 3 })) },
);

const json = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    text({ maxLength: 5 }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES, "other"), tie("value"), { maxKeys: 3 }),
  ),
})).value;

const values: fc.Arbitrary<SchemaAndValues> = fc
  .array(json, { minLength: 1, maxLength: 4 })
  .map((all) => ({ schema: { enum: all }, values: fc.constantFrom(...all) }));

const free = fc.constantFrom<SchemaAndValues[]>({ schema: {}, values: json }, { schema: true, values: json });

function objects(parts: fc.Arbitrary<SchemaAndValues>): fc.Arbitrary<SchemaAndValues> {
  const names = fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 4 });
  const further = fc.oneof(fc.constant(undefined), fc.constant(false), parts);
  return fc
    .tuple(names, fc.array(parts, { minLength: 4, maxLength: 4 }), fc.nat(15), further)
    .map(([own, schemas, mask, others]) => {
      const required = own.filter((_, i) => (mask >> i) & 1);
      const additional = typeof others === "object" ? { additionalProperties: others.schema } : {};
      const schema: JsonSchema = {
        type: "object",
        properties: Object.fromEntries(own.map((name, i) => [name, schemas[i]!.schema])),
        required,
        ...(others === false ? { additionalProperties: false } : additional),
      };
      const entries = own.map((name, i) => {
        const entry = schemas[i]!.values.map((value) => [[name, value]] as [string, JsonValue][]);
        return required.includes(name) ? entry : fc.oneof(fc.constant([]), entry);
      });
      const free = NAMES.filter((name) => !own.includes(name));
      const extra =
        typeof others === "object"
          ? fc.uniqueArray(fc.tuple(fc.constantFrom(...free, "abc"), others.values), {
              selector: ([name]) => name,
              maxLength: 2,
            })
          : fc.constant([]);
      return {
        schema,
        values: fc.tuple(...entries, extra).map((all) => Object.fromEntries(all.flat()) as JsonValue),
      };
    });
}

function arrays(parts: fc.Arbitrary<SchemaAndValues>): fc.Arbitrary<SchemaAndValues> {
  const lists = fc.tuple(parts, fc.nat(2), fc.nat(3), fc.boolean()).map(([item, minItems, more, isOpen]) => {
    const maxItems = minItems + more;
    const bounds = isOpen ? { minItems } : { minItems, maxItems };
    return {
      schema: { type: "array", items: item.schema, ...bounds },
      values: fc.array(item.values, { minLength: minItems, maxLength: maxItems }) as fc.Arbitrary<JsonValue>,
    };
  });
  const tuples = fc
    .tuple(fc.array(parts, { minLength: 1, maxLength: 3 }), fc.option(parts), fc.nat(3))
    .map(([first, rest, least]): SchemaAndValues => {
      const minItems = Math.min(least, first.length);
      const whole = fc.tuple(...first.map((part) => part.values));
      const cut = fc.tuple(whole, fc.integer({ min: minItems, max: first.length }));
      const long = rest && fc.tuple(whole, fc.array(rest.values, { maxLength: 2 }));
      return {
        schema: {
          type: "array",
          prefixItems: first.map((part) => part.schema),
          items: rest?.schema ?? false,
          minItems,
        },
        values: fc.oneof(
          cut.map(([all, length]): JsonValue => all.slice(0, length)),
          ...(long ? [long.map(([all, others]): JsonValue => [...all, ...others])] : []),
        ),
      };
    });
  return fc.oneof(lists, tuples);
}

function combined(parts: fc.Arbitrary<SchemaAndValues>): fc.Arbitrary<SchemaAndValues> {
  return fc.oneof(
    fc.array(parts, { minLength: 1, maxLength: 3 }).map((all) => ({
      schema: { anyOf: all.map((part) => part.schema) },
      values: fc.oneof(...all.map((part) => part.values)),
    })),
    fc.tuple(parts, parts).map(([one, other]) => ({
      schema: {
        allOf: [
          { type: "object", properties: { a: one.schema }, required: ["a"] },
          { type: "object", properties: { b: other.schema } },
        ],
      },
      values: fc.oneof(
        one.values.map((a): JsonValue => ({ a })),
        fc.tuple(one.values, other.values).map(([a, b]): JsonValue => ({ a, b })),
      ),
    })),
  );
}

const tree = fc.letrec<{ node: JsonValue; kids: JsonValue }>((tie) => ({
  node: fc.record({ v: fc.integer(), kids: tie("kids") }),
  kids: fc.oneof({ maxDepth: 5 }, fc.constant([]), fc.array(tie("node"), { maxLength: 2 })),
}));
const recursive: SchemaAndValues = {
  schema: { $ref: "#/$defs/node" },
  values: fc.oneof(tree.node, fc.constant({ v: 1, kids: [] })),
};

/** Of every kind that is supported. `$defs` holds what recursive ones refer to. */
export const schemas: fc.Arbitrary<SchemaAndValues> = fc
  .letrec<{ any: SchemaAndValues }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      fc.oneof(plain, strings, patterned, formatted, integers, numbers, values, free),
      objects(tie("any")),
      arrays(tie("any")),
      combined(tie("any")),
      fc.constant(recursive),
    ),
  }))
  .any.map(({ schema, values: own }) => ({ schema: withDefinitions(schema), values: own }));

function withDefinitions(schema: JsonSchema): JsonSchema {
  if (typeof schema === "boolean") return schema;
  const node = {
    type: "object",
    properties: { v: { type: "integer" }, kids: { type: "array", items: { $ref: "#/$defs/node" } } },
    required: ["v", "kids"],
    additionalProperties: false,
  };
  return { ...schema, $defs: { node } };
}

/** Something else, perhaps fitting still. */
export function changed(value: JsonValue): fc.Arbitrary<JsonValue> {
  const others = fc.oneof(json, fc.constantFrom<JsonValue[]>(0.5, -1, 1e20, "aaaa", "2023-02-29", [], {}));
  if (typeof value === "number")
    return fc.oneof(others, fc.constantFrom(value + 1, value - 0.5, -value, value * 10));
  if (typeof value === "string")
    return fc.oneof(others, fc.constantFrom(`${value}a`, value.slice(1), `${value}"`));
  if (typeof value !== "object" || value === null) return others;
  if (Array.isArray(value)) {
    const list = value as JsonValue[];
    const inside = list.map((item, i) => changed(item).map((other) => list.with(i, other)));
    return fc.oneof(
      others,
      fc.constant(list.slice(1)),
      others.map((other) => [...list, other]),
      ...inside,
    );
  }
  const entries = Object.entries(value as Record<string, JsonValue>);
  const rebuilt = (all: readonly (readonly [string, JsonValue])[]) => Object.fromEntries(all) as JsonValue;
  const inside = entries.flatMap(([name, item], i) => [
    changed(item).map((other) => rebuilt(entries.with(i, [name, other]))),
    fc.constant(rebuilt(entries.toSpliced(i, 1))),
  ]);
  return fc.oneof(
    others,
    others.map((other) => rebuilt([...entries, ["more", other]])),
    ...inside,
  );
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const FORMAT_CHECKS: Record<string, (text: string) => boolean> = {
  date: isDate,
  time: (text) => /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text),
  "date-time": (text) => isDate(text.slice(0, 10)) && text[10] === "T" && FORMAT_CHECKS.time!(text.slice(11)),
  uuid: (text) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text),
  ipv4: (text) =>
    text.split(".").length === 4 && text.split(".").every((part) => /^\d{1,3}$/.test(part) && +part < 256),
};

function isDate(text: string): boolean {
  if (!DAY.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** As the standard has it, of the keywords used here. */
export function fits(schema: JsonSchema, value: JsonValue, root: JsonSchema = schema): boolean {
  if (typeof schema === "boolean") return schema;
  const own = schema as Record<string, never>;
  const follow = (part: JsonSchema, item: JsonValue) => fits(part, item, root);
  if ("$ref" in own && !follow((root as { $defs: { node: JsonSchema } }).$defs.node, value)) return false;
  if ("anyOf" in own && !(own.anyOf as JsonSchema[]).some((part) => follow(part, value))) return false;
  if ("allOf" in own && !(own.allOf as JsonSchema[]).every((part) => follow(part, value))) return false;
  if ("type" in own && ![own.type].flat().some((type) => isOfType(type, value))) return false;
  if ("enum" in own && !(own.enum as JsonValue[]).some((other) => isEqual(other, value))) return false;
  if ("const" in own && !isEqual(own.const, value)) return false;
  if (typeof value === "string") return fitsString(own, value);
  if (typeof value === "number") return fitsNumber(own, value);
  if (Array.isArray(value)) {
    const first = (own.prefixItems ?? []) as JsonSchema[];
    return (
      value.length >= (own.minItems ?? 0) &&
      value.length <= (own.maxItems ?? Number.POSITIVE_INFINITY) &&
      value.every((item, i) => follow(first[i] ?? own.items ?? true, item))
    );
  }
  if (typeof value !== "object" || value === null) return true;
  const properties = new Map(Object.entries((own.properties ?? {}) as Record<string, JsonSchema>));
  const has = (name: string) => Object.hasOwn(value, name);
  return (
    ((own.required ?? []) as string[]).every(has) &&
    Object.entries(value).every(([name, item]) =>
      follow(properties.get(name) ?? own.additionalProperties ?? true, item),
    )
  );
}

function isOfType(type: string, value: JsonValue): boolean {
  if (type === "null") return value === null;
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function fitsString(own: Record<string, never>, value: string): boolean {
  const { length } = Array.from(value);
  return (
    length >= (own.minLength ?? 0) &&
    length <= (own.maxLength ?? Number.POSITIVE_INFINITY) &&
    (!("pattern" in own) || new RegExp(own.pattern, "u").test(value)) &&
    (!("format" in own) || FORMAT_CHECKS[own.format]!(value))
  );
}

function fitsNumber(own: Record<string, never>, value: number): boolean {
  return (
    value >= (own.minimum ?? -Infinity) &&
    value <= (own.maximum ?? Infinity) &&
    value > (own.exclusiveMinimum ?? -Infinity) &&
    value < (own.exclusiveMaximum ?? Infinity) &&
    (!("multipleOf" in own) || Number.isInteger(value / own.multipleOf))
  );
}

function isEqual(one: unknown, other: unknown): boolean {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== "object" || value === null) return value;
    return Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]);
  };
  return (
    JSON.stringify([Array.isArray(one), sorted(one)]) ===
    JSON.stringify([Array.isArray(other), sorted(other)])
  );
}
