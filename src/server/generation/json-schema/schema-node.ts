/** A part of a JSON schema with its place, and how parts are found. Everything in it is hostile. */
import { InputError } from "../../../errors.ts";
import { printable } from "../../../util/printable.ts";
import { type JsonValue, pythonJson } from "../../../util/python-json.ts";

export interface SchemaNode {
  /** `false` is a schema as well: nothing fits it. */
  readonly schema: Readonly<Record<string, unknown>> | false;
  /** As a JSON pointer: `#/properties/name`. */
  readonly path: string;
  readonly id: number;
}

// Threat: one level in another would exhaust the stack, here or in what writes values.
const MAX_DEPTH = 100;

export class Schema {
  readonly root: SchemaNode;
  readonly #known = new Map<unknown, SchemaNode>();
  #count = 0;

  constructor(schema: unknown) {
    this.root = this.node(schema, "#");
  }

  /** The same node for the same object, however it is come by. */
  node(schema: unknown, path: string): SchemaNode {
    const known = this.#known.get(schema);
    if (known) return known;
    if (typeof schema !== "boolean" && !isObject(schema))
      throw schemaError(path, "must be an object, true or false");
    if (path.split("/").length > MAX_DEPTH)
      throw schemaError(path, `is nested more than ${MAX_DEPTH} levels`);
    const node = { schema: schema === true ? {} : schema, path, id: this.#count++ };
    this.#known.set(schema, node);
    return node;
  }

  children(node: SchemaNode, key: string): SchemaNode[] {
    const path = `${node.path}/${key}`;
    const value = keyword(node, key);
    if (value === undefined) return [];
    if (!Array.isArray(value) || value.length === 0) throw schemaError(path, "must be an array of schemas");
    return value.map((schema, i) => this.node(schema, `${path}/${i}`));
  }

  /** What `$ref` names: "#", or "#/" and the way to it. */
  resolve(node: SchemaNode): SchemaNode | undefined {
    const ref = keyword(node, "$ref");
    if (ref === undefined) return undefined;
    const path = `${node.path}/$ref`;
    if (typeof ref !== "string" || !/^#(\/|$)/.test(ref))
      throw schemaError(path, 'must be "#" or begin with "#/": other schemas are not fetched');
    let at: unknown = this.root.schema;
    for (const part of ref.split("/").slice(1)) {
      const key = decoded(part).replace(/~1/g, "/").replace(/~0/g, "~");
      if (typeof at !== "object" || at === null || !Object.hasOwn(at, key))
        throw schemaError(path, `leads nowhere: ${printable(ref)}`);
      at = (at as Record<string, unknown>)[key];
    }
    return this.node(at, ref);
  }
}

export function keyword({ schema }: SchemaNode, key: string): unknown {
  return schema !== false && Object.hasOwn(schema, key) ? schema[key] : undefined;
}

export function schemaError(path: string, problem: string): InputError {
  return new InputError(`the JSON schema at ${printable(path)} ${problem}`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function stepInto(path: string, key: string): string {
  return `${path}/${key.replace(/~/g, "~0").replace(/\//g, "~1")}`;
}

/** As models know JSON, in Python's spelling; halves of surrogate pairs, which UTF-8 cannot hold, escaped. */
export function spellValue(value: unknown, path: string): string {
  if (!isJson(value, MAX_DEPTH)) throw schemaError(path, `must be JSON of at most ${MAX_DEPTH} levels`);
  const escapeHalf = (half: string) => `\\u${half.charCodeAt(0).toString(16)}`;
  return pythonJson(value).replace(/\p{Surrogate}/gu, escapeHalf);
}

function isJson(value: unknown, depth: number): value is JsonValue {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null)
    return ["string", "boolean", "object"].includes(typeof value);
  return depth > 0 && Object.values(value).every((item) => isJson(item, depth - 1));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
