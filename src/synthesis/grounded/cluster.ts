/** A cluster: made-up entities, the facts about them, and which document states which. Knows no wording. */
import type { Attribute, Entity, EntityType, NameSource, Value } from "./grammar.ts";
import type { LanguagePack } from "./language-pack.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Random } from "./random.ts";

export interface Fact {
  attribute: Attribute;
  value: Value;
}

export interface ClusterDocument {
  id: number;
  entity: Entity;
  facts: readonly Fact[];
}

/** A fact and the document that states it. */
export interface StatedFact extends Fact {
  document: ClusterDocument;
}

export interface Cluster {
  pack: LanguagePack;
  documents: readonly ClusterDocument[];
  /** All facts of all documents, in their order. */
  facts: readonly StatedFact[];
  /** Entity types by id, for questions about what is not there. */
  types: ReadonlyMap<string, EntityType>;
  names: NameSource;
}

/** Chance that documents on different entities are of different types, too. */
const MIXED = 0.25;

/** Documents on one entity; every type has more attributes than this. */
const MAX_SAME = 3;

export function makeCluster(
  random: Random,
  pack: LanguagePack,
  names: NameSource,
  options: ResolvedOptions,
): Cluster {
  const count = random.int(...options.documents);
  const types = new Map(pack.types.map((type) => [type.id, type]));
  const sameEntity = random.chance(sameEntityShare(options));
  const mixed = random.chance(MIXED);
  const main = random.pick(pack.types);
  const entities: Entity[] = [];
  const add = (type: EntityType) => entities.push(freshEntity(random, names, type, entities));
  add(main);
  while (entities.length < count) {
    const previous = random.pick(entities);
    const again = entities.length === 1 || (entities.length < MAX_SAME && random.chance(0.4));
    if (sameEntity && again) entities.push(entities[0]!);
    else if (mixed) add(random.pick(pack.types));
    else add(types.get(previous.type)!);
  }
  const stated = new Map<string, Fact[]>();
  const unordered = entities.map((entity) => {
    const { attributes } = types.get(entity.type)!;
    const times = entities.filter((other) => other === entity).length;
    const most = Math.max(
      1,
      Math.min(random.int(...options.facts), Math.floor((attributes.length - 1) / times)),
    );
    return { entity, facts: drawFacts(random, names, attributes, entity, stated, most) };
  });
  const documents = random.shuffle(unordered).map((document, id) => ({ id, ...document }));
  const facts = documents.flatMap((document) => document.facts.map((fact) => ({ ...fact, document })));
  return { pack, documents, facts, types, names };
}

/** Several documents on one entity are needed by two kinds only: as many clusters as their weights call for. */
export function sameEntityShare({ kinds }: ResolvedOptions): number {
  const wanted = kinds["two-documents"] + kinds.topic;
  const others = kinds.single + kinds["yes-no"] + kinds["two-entities"] + kinds["entity-absent"];
  return Math.min(1, (2.5 * wanted) / (wanted + others + kinds["attribute-absent"] + 1e-9));
}

/** Not only another entity: its name is also no part of another's, so that none can stand for two. */
export function freshEntity(
  random: Random,
  names: NameSource,
  type: EntityType,
  others: readonly Entity[],
): Entity {
  for (;;) {
    const entity = type.make(random, names);
    const name = entity.name.forms.n;
    const clash = others.some(
      ({ name: other }) => other.forms.n.includes(name) || name.includes(other.forms.n),
    );
    if (!clash) return entity;
  }
}

/**
 * Facts of one document. An attribute is stated once for an entity over the whole cluster, and never with the
 * value that another entity has for it. At least one attribute stays unstated, so that it can be asked in vain.
 */
function drawFacts(
  random: Random,
  names: NameSource,
  attributes: readonly Attribute[],
  entity: Entity,
  stated: Map<string, Fact[]>,
  count: number,
): Fact[] {
  const known = stated.get(entity.key) ?? [];
  const free = attributes.filter((attribute) => known.every((fact) => fact.attribute !== attribute));
  const facts = random
    .shuffle(free)
    .slice(0, count)
    .map((attribute) => ({ attribute, value: freshValue(random, names, attribute, stated) }));
  stated.set(entity.key, [...known, ...facts]);
  return facts;
}

function freshValue(
  random: Random,
  names: NameSource,
  attribute: Attribute,
  stated: Map<string, Fact[]>,
): Value {
  const taken = new Set([...stated.values()].flatMap((facts) => facts.map((fact) => fact.value.key)));
  for (let attempt = 0; ; attempt++) {
    const value = attribute.value(random, names);
    // Numbers must differ from all others, for a value to name its statement; the bound is for short lists.
    if (!taken.has(value.key) || attempt > 200) return value;
  }
}

/** Another value for the attribute than the one given, preferably one that stands elsewhere in the cluster. */
export function wrongValue(random: Random, cluster: Cluster, fact: Fact): Value {
  const elsewhere = cluster.facts.filter(
    (other) => other.attribute === fact.attribute && other.value.key !== fact.value.key,
  );
  if (elsewhere.length > 0 && random.chance(0.5)) return random.pick(elsewhere).value;
  for (;;) {
    const value = fact.attribute.value(random, cluster.names);
    if (value.key !== fact.value.key) return value;
  }
}
