/**
 * Alternatives for objects and arrays. Properties come in the order in which they are declared, optional ones in any
 * subset, further ones last; where nothing is said of further properties or items, there are none beside those declared.
 */
import type { Conjunction } from "./expand-schema.ts";
import { countOf } from "./keywords.ts";
import type { Rule, Rules, Term } from "./rules.ts";
import {
  isObject,
  keyword,
  type Schema,
  type SchemaNode,
  schemaError,
  spellValue,
  stepInto,
} from "./schema-node.ts";
import { literal } from "./spell-characters.ts";

export interface ContainerParts {
  rules: Rules;
  schema: Schema;
  /** What fits all of them. */
  value(nodes: Conjunction): Rule;
  /** The names that fit all of them, with their quotes, other than some. */
  names(nodes: Conjunction, others: readonly string[]): Rule;
  /** Where they are counted: the names that fit all of them, spelled. */
  countedNames(nodes: Conjunction): string[] | undefined;
}

interface Property {
  /** Spelled, with its quotes. */
  name: string;
  value: Rule;
  isRequired: boolean;
}

const COMMA = literal(", ");
/** More would not fit into a grammar. */
const MAX_PROPERTIES = 3000;
const NONE = "closed" as const;

export function objectAlternatives(nodes: Conjunction, parts: ContainerParts): Term[][] {
  const { rules } = parts;
  const properties = propertiesOf(nodes, parts);
  const others = additionalOf(nodes, parts.schema);
  const restricting = schemasOf(nodes, "propertyNames", parts.schema);
  const counts = propertyCounts(nodes, properties, others !== NONE && properties.length === 0);
  if (others === NONE || (restricting.length > 0 && parts.countedNames(restricting)))
    return [[literal("{"), ...chain(rules, properties, [[]], [[]]), literal("}")]];
  const declared = properties.map(({ name }) => JSON.parse(name) as string);
  const entry = rules.add([[parts.names(restricting, declared), literal(": "), parts.value(others)]]);
  const next = rules.add([[COMMA, entry]]);
  const { min, max } = counts;
  const more = rules.repeat(next, 0, Number.POSITIVE_INFINITY);
  const first = max === 0 ? [] : [[entry, ...rules.repeat(next, Math.max(0, min - 1), max - 1)]];
  return [
    [literal("{"), ...chain(rules, properties, min === 0 ? [[], ...first] : first, [more]), literal("}")],
  ];
}

/** Built from the end: at each property, what may follow where none was written before, and where one was. */
function chain(
  rules: Rules,
  properties: readonly Property[],
  lastIfFirst: readonly Term[][],
  last: readonly Term[][],
): Term[] {
  let first: Rule | undefined = rules.add(lastIfFirst);
  let more = rules.add(last);
  for (const { name, value, isRequired } of properties.toReversed()) {
    const begun: Term[] = [literal(`${name}: `), value, more];
    const goneOn: Term[] = [literal(`, ${name}: `), value, more];
    first = rules.add(isRequired ? [begun] : [begun, [first]]);
    more = rules.add(isRequired ? [goneOn] : [goneOn, [more]]);
  }
  return [first];
}

function propertiesOf(nodes: Conjunction, parts: ContainerParts): Property[] {
  const { schema } = parts;
  const declared = new Map<string, SchemaNode[]>();
  const required = new Set<string>();
  const maps = nodes.map((node) => declarationsOf(node, schema));
  for (const map of maps) for (const name of map.keys()) declared.set(name, []);
  const restricting = schemasOf(nodes, "propertyNames", schema);
  if (restricting.length > 0) {
    if (declared.size > 0) throw schemaError(restricting[0]!.path, "is not supported beside properties");
    for (const text of parts.countedNames(restricting) ?? []) declared.set(JSON.parse(text), []);
  }
  for (const node of nodes) for (const name of requiredOf(node)) required.add(name);
  for (const name of required) if (!declared.has(name)) declared.set(name, []);
  for (const [name, own] of declared)
    for (const [i, node] of nodes.entries()) {
      const declaration = maps[i]!.get(name);
      own.push(...(declaration ? [declaration] : schemasOf([node], "additionalProperties", schema)));
    }
  return [...declared].map(([name, own]) => ({
    name: spellValue(name, nodes[0]!.path),
    value: parts.value(own),
    isRequired: required.has(name),
  }));
}

function declarationsOf(node: SchemaNode, schema: Schema): Map<string, SchemaNode> {
  const properties = keyword(node, "properties") ?? {};
  const path = `${node.path}/properties`;
  if (!isObject(properties)) throw schemaError(path, "must be an object of schemas");
  const names = Object.keys(properties);
  if (names.length > MAX_PROPERTIES)
    throw schemaError(path, `has ${names.length} properties, and ${MAX_PROPERTIES} are allowed`);
  return new Map(
    Object.entries(properties).map(([name, own]) => [name, schema.node(own, stepInto(path, name))]),
  );
}

function requiredOf(node: SchemaNode): string[] {
  const required = keyword(node, "required") ?? [];
  if (!Array.isArray(required) || !required.every((name) => typeof name === "string"))
    throw schemaError(`${node.path}/required`, "must be an array of names");
  return required;
}

/** The schemas of properties that nobody declares; `closed` where there are none. */
function additionalOf(nodes: Conjunction, schema: Schema): SchemaNode[] | typeof NONE {
  const isClosed = (node: SchemaNode) => {
    const given = keyword(node, "additionalProperties") ?? keyword(node, "unevaluatedProperties");
    return given === false || (given === undefined && keyword(node, "properties") !== undefined);
  };
  if (nodes.some(isClosed)) return NONE;
  return schemasOf(nodes, "additionalProperties", schema);
}

function propertyCounts(nodes: Conjunction, properties: readonly Property[], isCounted: boolean) {
  const [min = 0, max = Number.POSITIVE_INFINITY] = [
    countOf(nodes, "minProperties"),
    countOf(nodes, "maxProperties"),
  ];
  if (isCounted) return { min, max };
  const required = properties.filter(({ isRequired }) => isRequired).length;
  if (min > required || max < properties.length)
    throw schemaError(
      nodes[0]!.path,
      "has minProperties or maxProperties beside properties, which is not supported",
    );
  return { min: 0, max: Number.POSITIVE_INFINITY };
}

export function arrayAlternatives(nodes: Conjunction, parts: ContainerParts): Term[][] {
  const { rules, schema } = parts;
  const lists = nodes.map((node) => itemsOf(node, schema));
  const [min = 0, max = Number.POSITIVE_INFINITY] = [countOf(nodes, "minItems"), countOf(nodes, "maxItems")];
  const places = Math.min(max, Math.max(0, ...lists.map(({ first }) => first.length)));
  const itemAt = (place: number) =>
    parts.value(lists.flatMap(({ first, rest }) => first[place] ?? rest ?? []));
  const isClosed = lists.some(({ first, rest }) => rest === undefined && first.length > 0 && min <= places);
  const others = isClosed ? rules.add() : parts.value(lists.flatMap(({ rest }) => rest ?? []));
  const next = rules.add([[COMMA, others]]);
  // From the end, as with properties; but here one follows another.
  let more: Term[][] = [
    rules.repeat(next, Math.max(0, min - Math.max(1, places)), Math.max(0, max - Math.max(1, places))),
  ];
  for (let place = places - 1; place > 0; place--) {
    const item: Term[] = [COMMA, itemAt(place), rules.add(more)];
    more = place >= min ? [[], item] : [item];
  }
  const first = max === 0 ? [] : [[places > 0 ? itemAt(0) : others, rules.add(more)]];
  const body = rules.add(min === 0 ? [[], ...first] : first);
  return [[literal("["), body, literal("]")]];
}

/** `items` as an array is how earlier drafts spell `prefixItems`. */
function itemsOf(node: SchemaNode, schema: Schema): { first: SchemaNode[]; rest: SchemaNode | undefined } {
  const isEarlier = Array.isArray(keyword(node, "items"));
  const [firstKey, restKey] = isEarlier ? ["items", "additionalItems"] : ["prefixItems", "items"];
  const given = keyword(node, firstKey!);
  const hasFirst = given !== undefined && !(Array.isArray(given) && given.length === 0);
  const rest = keyword(node, restKey!);
  return {
    first: hasFirst ? schema.children(node, firstKey!) : [],
    rest: rest === undefined ? undefined : schema.node(rest, `${node.path}/${restKey}`),
  };
}

function schemasOf(nodes: Conjunction, key: string, schema: Schema): SchemaNode[] {
  return nodes.flatMap((node) => {
    const given = keyword(node, key);
    return given === undefined ? [] : [schema.node(given, `${node.path}/${key}`)];
  });
}
