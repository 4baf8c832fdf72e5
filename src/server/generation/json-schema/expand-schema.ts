/**
 * References, allOf, anyOf and oneOf -> alternatives, each a set of schemas that hold together and whose own keywords are
 * all that is left to look at. oneOf is read as anyOf: that a value fits no second alternative, a grammar cannot say.
 */
import type { InputError } from "../../../errors.ts";
import { type Schema, type SchemaNode, schemaError } from "./schema-node.ts";

/** Ascending by id, each once: equal sets have equal keys. */
export type Conjunction = readonly SchemaNode[];

const MAX_ALTERNATIVES = 500;
// Threat: a reference to a reference, and so on, would exhaust the stack.
const MAX_CHAIN = 200;

/** What says nothing of values. */
const COMBINING = new Set([
  "$ref",
  "allOf",
  "anyOf",
  "oneOf",
  "$defs",
  "definitions",
  "$schema",
  "$id",
  "$comment",
]);
const NOTES = new Set([
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
  "discriminator",
]);

export function keyOf(nodes: Conjunction): string {
  return nodes.map((node) => node.id).join("&");
}

export class SchemaExpander {
  readonly #schema: Schema;
  readonly #known = new Map<SchemaNode, Conjunction[]>();
  readonly #open = new Set<SchemaNode>();

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  expand(nodes: Conjunction): Conjunction[] {
    return nodes
      .map((node) => this.#expandNode(node))
      .reduce((all, own) => both(all, own, nodes[0]!.path), [[]]);
  }

  #expandNode(node: SchemaNode): Conjunction[] {
    const known = this.#known.get(node);
    if (known) return known;
    if (this.#open.has(node)) throw schemaError(node.path, "refers to itself, with no value between");
    if (this.#open.size > MAX_CHAIN) throw schemaError(node.path, "refers on and on");
    this.#open.add(node);
    const schema = this.#schema;
    const own = isSilent(node) ? [] : [node];
    const target = schema.resolve(node);
    const parts = [...(target ? [target] : []), ...schema.children(node, "allOf")].map((part) =>
      this.#expandNode(part),
    );
    for (const key of ["anyOf", "oneOf"]) {
      const choices = schema.children(node, key);
      if (choices.length > MAX_ALTERNATIVES) throw tooMany(node.path);
      if (choices.length > 0) parts.push(distinct(choices.flatMap((choice) => this.#expandNode(choice))));
    }
    const alternatives = parts.reduce((all, part) => both(all, part, node.path), [own]);
    this.#open.delete(node);
    this.#known.set(node, alternatives);
    return alternatives;
  }
}

function isSilent({ schema }: SchemaNode): boolean {
  return schema !== false && Object.keys(schema).every((key) => COMBINING.has(key) || NOTES.has(key));
}

function both(some: readonly Conjunction[], others: readonly Conjunction[], path: string): Conjunction[] {
  if (some.length * others.length > MAX_ALTERNATIVES) throw tooMany(path);
  return distinct(
    some.flatMap((one) =>
      others.map((other) => [...new Set([...one, ...other])].sort((a, b) => a.id - b.id)),
    ),
  );
}

function tooMany(path: string): InputError {
  return schemaError(path, `has more than ${MAX_ALTERNATIVES} alternatives`);
}

function distinct(conjunctions: readonly Conjunction[]): Conjunction[] {
  return [...new Map(conjunctions.map((nodes) => [keyOf(nodes), nodes])).values()];
}
