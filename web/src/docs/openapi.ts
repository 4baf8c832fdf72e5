/** An OpenAPI document in, what people read of it out: endpoints with parameters, bodies, answers, examples. */

export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  example?: unknown;
  examples?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  nullable?: boolean;
  additionalProperties?: boolean | Schema;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number | boolean;
}

interface Content {
  schema?: Schema;
  example?: unknown;
}

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
}

interface Operation {
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: Parameter[];
  requestBody?: { content?: Record<string, Content> };
  responses?: Record<string, { description?: string; content?: Record<string, Content> }>;
}

export interface OpenApi {
  info?: { title?: string; version?: string; description?: string };
  paths?: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}

export interface Body {
  type: string;
  schema: Schema | undefined;
  example: unknown;
}

export interface Endpoint {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string;
  parameters: Parameter[];
  bodies: Body[];
  responses: { status: string; description: string; bodies: Body[] }[];
}

const METHODS = ["get", "post", "put", "patch", "delete"];

export function endpointsOf(document: OpenApi): Endpoint[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, operations]) =>
    METHODS.flatMap((method) => {
      const operation = operations[method];
      if (!operation) return [];
      return {
        id: `${method}${path}`.replace(/[^\w]+/g, "-").replace(/-$/, ""),
        method: method.toUpperCase(),
        path,
        summary: operation.summary ?? "",
        description: operation.description ?? "",
        parameters: operation.parameters ?? [],
        bodies: bodiesOf(document, operation.requestBody?.content),
        responses: Object.entries(operation.responses ?? {}).map(
          ([status, { description = "", content }]) => ({
            status,
            description,
            bodies: bodiesOf(document, content),
          }),
        ),
      };
    }),
  );
}

function bodiesOf(document: OpenApi, content: Record<string, Content> = {}): Body[] {
  return Object.entries(content).map(([type, { schema, example }]) => ({
    type,
    schema,
    example: example ?? (schema && /json/.test(type) ? exampleOf(document, schema) : undefined),
  }));
}

/** What a $ref names; itself where it is none, or names nothing. */
export function resolve(document: OpenApi, schema: Schema): Schema {
  const seen = new Set<string>();
  let current = schema;
  while (current.$ref !== undefined && !seen.has(current.$ref)) {
    seen.add(current.$ref);
    const name = /^#\/components\/schemas\/([^/]+)$/.exec(current.$ref)?.[1];
    const next = name === undefined ? undefined : document.components?.schemas?.[name];
    if (!next) return {};
    current = next;
  }
  return current.$ref === undefined ? current : {};
}

/** Schemas inside each other. */
const MAX_DEPTH = 8;

/** A value that the schema describes: its own example, or one made of the examples of its parts. */
export function exampleOf(document: OpenApi, schema: Schema, depth = 0): unknown {
  const own = resolve(document, schema);
  const given = own.example ?? own.examples?.[0] ?? own.const ?? own.default ?? own.enum?.[0];
  if (given !== undefined) return given;
  if (depth >= MAX_DEPTH) return null;
  const inner = (part: Schema) => exampleOf(document, part, depth + 1);
  const parts = own.allOf?.map(inner);
  if (parts) return Object.assign({}, ...parts.map((part) => (typeof part === "object" ? part : {})));
  const choice = (own.anyOf ?? own.oneOf)?.[0];
  if (choice) return inner(choice);
  if (own.properties) {
    const required = new Set(own.required);
    const entries = Object.entries(own.properties).map(([name, part]) => [name, inner(part), part] as const);
    // Of what may be left out, what says an example of itself.
    const shown = entries.filter(
      ([name, , part]) => required.has(name) || hasExample(resolve(document, part)),
    );
    return Object.fromEntries((shown.length > 0 ? shown : entries).map(([name, value]) => [name, value]));
  }
  if (own.items) return [inner(own.items)];
  return { string: "…", number: 0, integer: 0, boolean: false, array: [], object: {} }[typeOf(own)] ?? null;
}

const hasExample = ({ example, examples }: Schema) => example !== undefined || examples !== undefined;

function typeOf({ type }: Schema): string {
  return (Array.isArray(type) ? type.find((name) => name !== "null") : type) ?? "";
}

/** In a few words: `string`, `integer, 0 to 16`, `"a" | "b"`, `array of object`. */
export function typeText(document: OpenApi, schema: Schema, depth = 0): string {
  const own = resolve(document, schema);
  if (depth > MAX_DEPTH) return "…";
  const inner = (part: Schema) => typeText(document, part, depth + 1);
  const choices = own.anyOf ?? own.oneOf;
  if (choices) return [...new Set(choices.map(inner))].join(" | ");
  if (own.const !== undefined) return JSON.stringify(own.const);
  if (own.enum) return own.enum.map((value) => JSON.stringify(value)).join(" | ");
  const types = Array.isArray(own.type) ? own.type : [own.type ?? (own.properties ? "object" : "any")];
  const names = types.map((name) => (name === "array" && own.items ? `array of ${inner(own.items)}` : name));
  if (own.nullable) names.push("null");
  return `${names.join(" | ")}${own.format === undefined ? "" : ` (${own.format})`}${boundsText(own)}`;
}

function boundsText({ minimum, maximum }: Schema): string {
  if (minimum !== undefined && maximum !== undefined) return `, ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `, from ${minimum}`;
  return maximum === undefined ? "" : `, to ${maximum}`;
}

/** The objects inside: of arrays and of choices, too. */
export function fieldsOf(document: OpenApi, schema: Schema, depth = 0): [string, Schema, boolean][] {
  const own = resolve(document, schema);
  if (depth > MAX_DEPTH) return [];
  if (own.properties)
    return Object.entries(own.properties).map(([name, part]) => [
      name,
      part,
      own.required?.includes(name) ?? false,
    ]);
  const parts = [...(own.items ? [own.items] : []), ...(own.anyOf ?? own.oneOf ?? own.allOf ?? [])];
  const fields = parts.flatMap((part) => fieldsOf(document, part, depth + 1));
  return fields.filter(([name], i) => fields.findIndex(([other]) => other === name) === i);
}

/** A command that asks it. */
export function curlOf(origin: string, { method, path, bodies }: Endpoint): string {
  const lines = [`curl ${method === "GET" ? "" : `-X ${method} `}'${origin}${path}'`];
  const json = bodies.find(({ type, example }) => /json/.test(type) && example !== undefined);
  if (json) {
    lines.push(`-H 'content-type: ${json.type}'`);
    lines.push(`-d '${JSON.stringify(json.example).replaceAll("'", "'\\''")}'`);
  } else if (bodies.some(({ type }) => type === "multipart/form-data")) lines.push("-F file=@notes.md");
  return lines.join(" \\\n  ");
}
