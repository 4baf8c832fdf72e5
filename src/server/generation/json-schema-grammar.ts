/**
 * A JSON schema in, a grammar in GBNF out, with the rule `root`: what it admits is JSON that fits the schema, in one
 * spelling, Python's ({"a": [1, 2]}), which models know best. White space is nowhere free: models would go on with it for ever.
 *
 * Followed: type, enum, const, properties, required, additionalProperties, propertyNames, items, prefixItems, counts and
 * lengths, pattern, the formats of formats.ts, bounds and multiples of numbers, $ref within the schema, allOf, anyOf, oneOf
 * (as anyOf). What else restricts values is refused; notes to the reader are passed over. Narrower than the schema:
 * properties keep their order, whole numbers have at most 16 digits, numbers with bounds no exponent.
 */
import { arrayAlternatives, type ContainerParts, objectAlternatives } from "./json-schema/container-rules.ts";
import { type Conjunction, keyOf, SchemaExpander } from "./json-schema/expand-schema.ts";
import { checkSupported, type TypeName, typesOf, valuesOf } from "./json-schema/keywords.ts";
import { type Rule, Rules, renderRules, type Term, unfitChain } from "./json-schema/rules.ts";
import { ScalarRules } from "./json-schema/scalar-rules.ts";
import { Schema, schemaError } from "./json-schema/schema-node.ts";
import { literal } from "./json-schema/spell-characters.ts";

/** Throws an InputError with the place in the schema where it cannot be followed, or is too large. */
export function jsonSchemaGrammar(schema: unknown): string {
  return new SchemaGrammar(schema).text();
}

class SchemaGrammar implements ContainerParts {
  readonly rules = new Rules();
  readonly schema: Schema;
  readonly #expander: SchemaExpander;
  readonly #scalars = new ScalarRules(this.rules);
  readonly #values = new Map<string, Rule>();
  readonly #paths = new Map<Rule, string>();
  /** Rules to be filled: a list instead of a recursion, whose depth the schema would choose. */
  readonly #open: { rule: Rule; nodes: Conjunction }[] = [];

  constructor(schema: unknown) {
    this.schema = new Schema(schema);
    this.#expander = new SchemaExpander(this.schema);
  }

  text(): string {
    const root = this.value([this.schema.root]);
    for (let next = this.#open.shift(); next; next = this.#open.shift())
      for (const terms of this.#alternatives(next.nodes)) this.rules.extend(next.rule, terms);
    const text = renderRules(root);
    if (text !== undefined) return text;
    const last = unfitChain(root).findLast((rule) => this.#paths.has(rule))!;
    throw schemaError(this.#paths.get(last)!, "has no value that fits and ends");
  }

  value(nodes: Conjunction): Rule {
    const alternatives = this.#expander.expand(nodes);
    if (alternatives.length === 1) return this.#plain(alternatives[0]!);
    return this.#once(alternatives.map(keyOf).join("|"), () =>
      this.rules.add(alternatives.map((own) => [this.#plain(own)])),
    );
  }

  names(nodes: Conjunction, others: readonly string[]): Rule {
    const own = this.#expandNames(nodes);
    return own ? this.#scalars.string(own, others) : this.rules.add();
  }

  countedNames(nodes: Conjunction): string[] | undefined {
    const own = this.#expandNames(nodes);
    return own && valuesOf(own)?.filter((text) => text.startsWith('"'));
  }

  /** Undefined where no name fits. */
  #expandNames(nodes: Conjunction): Conjunction | undefined {
    const [own, second] = this.#expander.expand(nodes);
    if (!own || second)
      throw schemaError(nodes[0]!.path, "has alternatives, which are not supported for names");
    for (const node of own) checkSupported(node);
    return typesOf(own).includes("string") && own.every(({ schema }) => schema !== false) ? own : undefined;
  }

  #plain(nodes: Conjunction): Rule {
    return this.#once(`=${keyOf(nodes)}`, () => {
      const rule = this.rules.add();
      this.#open.push({ rule, nodes });
      this.#paths.set(rule, nodes.at(-1)?.path ?? "#");
      return rule;
    });
  }

  #once(key: string, make: () => Rule): Rule {
    const rule = this.#values.get(key) ?? make();
    this.#values.set(key, rule);
    return rule;
  }

  #alternatives(nodes: Conjunction): Term[][] {
    if (nodes.some(({ schema }) => schema === false)) return [];
    for (const node of nodes) checkSupported(node);
    const values = valuesOf(nodes);
    if (values) return values.map((text) => [literal(text)]);
    return typesOf(nodes).flatMap((type) => this.#ofType(type, nodes));
  }

  #ofType(type: TypeName, nodes: Conjunction): Term[][] {
    switch (type) {
      case "object":
        return objectAlternatives(nodes, this);
      case "array":
        return arrayAlternatives(nodes, this);
      case "string":
        return [[this.#scalars.string(nodes)]];
      case "integer":
      case "number":
        return [[this.#scalars.number(nodes, type === "integer")]];
      case "boolean":
        return [[literal("true")], [literal("false")]];
      case "null":
        return [[literal("null")]];
    }
  }
}
