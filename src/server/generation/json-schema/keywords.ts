/** Keywords of schemas that hold together: read, checked, and made one. */
import type { Conjunction } from "./expand-schema.ts";
import { keyword, type SchemaNode, schemaError, spellValue } from "./schema-node.ts";

export const TYPES = ["object", "array", "string", "integer", "number", "boolean", "null"] as const;
export type TypeName = (typeof TYPES)[number];

/** What each type of value is said more of. */
const KEYWORDS: Readonly<Record<"object" | "array" | "string" | "number", readonly string[]>> = {
  object: [
    ...["properties", "required", "additionalProperties", "propertyNames", "minProperties", "maxProperties"],
    "unevaluatedProperties",
  ],
  array: ["items", "prefixItems", "additionalItems", "minItems", "maxItems", "unevaluatedItems"],
  string: ["minLength", "maxLength", "pattern", "format"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
};

/** Restrict values in ways that are not written as a grammar here. */
const UNSUPPORTED = [
  ...["not", "if", "contains", "minContains", "maxContains", "patternProperties", "dependentRequired"],
  ...["dependentSchemas", "dependencies", "$dynamicRef", "$recursiveRef"],
];

export function checkSupported(node: SchemaNode): void {
  for (const key of UNSUPPORTED)
    if (keyword(node, key) !== undefined) throw schemaError(`${node.path}/${key}`, "is not supported");
  // `false` says nothing.
  if (keyword(node, "uniqueItems") === true)
    throw schemaError(`${node.path}/uniqueItems`, "is not supported: a grammar does not remember items");
}

/** What values may be; where no type is given, what the other keywords are about; else everything. */
export function typesOf(nodes: Conjunction): TypeName[] {
  const given = nodes.map(ownTypes).filter((types) => types !== undefined);
  const about = Object.entries(KEYWORDS)
    .filter(([, keys]) => nodes.some((node) => keys.some((key) => keyword(node, key) !== undefined)))
    .map(([type]) => type as TypeName);
  const all: TypeName[][] = given.length > 0 || about.length === 0 ? given : [about];
  // Integers are numbers: of both, "number" says all.
  const wide = all.map((types) => (types.includes("number") ? [...types, "integer"] : types));
  const shared = TYPES.filter((type) => wide.every((types) => types.includes(type)));
  return shared.filter((type) => type !== "integer" || !shared.includes("number"));
}

function ownTypes(node: SchemaNode): TypeName[] | undefined {
  const type = keyword(node, "type");
  if (type === undefined) return undefined;
  const types = Array.isArray(type) ? type : [type];
  if (types.length === 0 || !types.every((each) => TYPES.includes(each)))
    throw schemaError(`${node.path}/type`, `must be one or more of ${TYPES.join(", ")}`);
  return types;
}

/** The spellings of `enum` and `const`, of the types that fit; undefined where there is neither. */
export function valuesOf(nodes: Conjunction): string[] | undefined {
  const sets = nodes.flatMap((node) => [...ownValues(node, "enum"), ...ownValues(node, "const")]);
  if (sets.length === 0) return undefined;
  const keys = Object.values(KEYWORDS).flat();
  for (const node of nodes)
    for (const key of keys)
      if (keyword(node, key) !== undefined)
        throw schemaError(`${node.path}/${key}`, "is not supported beside enum or const");
  const types = nodes.map(ownTypes).filter((own) => own !== undefined);
  const fits = (type: TypeName) =>
    types.every((own) => own.includes(type) || (type === "integer" && own.includes("number")));
  const [first, ...others] = sets;
  return [...first!]
    .filter(([text, type]) => fits(type) && others.every((set) => set.has(text)))
    .map(([text]) => text);
}

function ownValues(node: SchemaNode, key: "enum" | "const"): Map<string, TypeName>[] {
  const given = keyword(node, key);
  if (given === undefined) return [];
  const path = `${node.path}/${key}`;
  if (key === "enum" && !Array.isArray(given)) throw schemaError(path, "must be an array of values");
  const values: unknown[] = key === "enum" ? (given as unknown[]) : [given];
  return [new Map(values.map((value) => [spellValue(value, path), typeOf(value)]))];
}

function typeOf(value: unknown): TypeName {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value as "string" | "boolean" | "object";
}

/** The least of `max...`, or the greatest of `min...`. */
export function countOf(nodes: Conjunction, key: string): number | undefined {
  const counts = nodes.flatMap((node) => {
    const count = keyword(node, key);
    if (count === undefined) return [];
    if (!Number.isSafeInteger(count) || (count as number) < 0)
      throw schemaError(`${node.path}/${key}`, "must be a whole number from 0");
    return [count as number];
  });
  if (counts.length === 0) return undefined;
  return key.startsWith("min") ? Math.max(...counts) : Math.min(...counts);
}

export function numbersOf(nodes: Conjunction, key: string): number[] {
  return nodes.flatMap((node) => {
    const value = keyword(node, key);
    if (value === undefined) return [];
    if (typeof value !== "number" || !Number.isFinite(value))
      throw schemaError(`${node.path}/${key}`, "must be a number");
    return [value];
  });
}

export function stringsOf(nodes: Conjunction, key: string): string[] {
  return nodes.flatMap((node) => {
    const value = keyword(node, key);
    if (value === undefined) return [];
    if (typeof value !== "string") throw schemaError(`${node.path}/${key}`, "must be a string");
    return [value];
  });
}
