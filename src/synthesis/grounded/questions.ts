/** Questions over a cluster, one function per kind: the question, the ids that answer it, the answer. */
import { type Cluster, type ClusterDocument, freshEntity, type StatedFact, wrongValue } from "./cluster.ts";
import type { Attribute, Entity, Value } from "./grammar.ts";
import type { GroundedKind } from "./options.ts";
import { labelTarget } from "./render-documents.ts";
import type { Writer } from "./sentences.ts";
import { ABSENT, targetMark } from "./targets.ts";
import { addTypo } from "./typo.ts";

export interface Exchange {
  kind: GroundedKind;
  question: string;
  relevant: number[];
  answer: string;
  values: readonly Pick<Value, "key" | "accepted">[];
  polarity?: "yes" | "no";
  /** Whom a question on one fact is about, for contrasts; and which attribute it asks. */
  entity?: Entity;
  attribute?: Attribute;
}

/** null where the cluster has nothing to ask in this way. */
export type Ask = (writer: Writer, cluster: Cluster, typo: number) => Exchange | null;

/** Makes the name before it a target with the document's digit, where no other document is on the name. */
function nameTarget(cluster: Cluster, document: ClusterDocument): string {
  const isOnly = cluster.documents.every((other) => other === document || other.entity !== document.entity);
  return isOnly ? targetMark(String(document.id)) : "";
}

function slip(writer: Writer, text: string, probability: number): string {
  return writer.random.chance(probability) ? addTypo(writer.random, text) : text;
}

/** A sentence for each fact, which has its document as its target. */
function restate(writer: Writer, facts: readonly StatedFact[]): string {
  return facts
    .map(({ document, attribute, value }) => {
      const sentence = writer.finish(writer.answer(document.entity, attribute, value));
      return `${sentence}.${targetMark(String(document.id))}`;
    })
    .join(" ");
}

function ids(facts: readonly StatedFact[]): number[] {
  return [...new Set(facts.map((fact) => fact.document.id))].sort((a, b) => a - b);
}

function askSingleOf(writer: Writer, cluster: Cluster, fact: StatedFact, typo: number): Exchange {
  const { document, attribute, value } = fact;
  const question = writer.question(document.entity, attribute, nameTarget(cluster, document));
  return {
    kind: "single",
    question: slip(writer, writer.finish(question), typo / 10) + labelTarget(attribute),
    relevant: [document.id],
    answer: restate(writer, [fact]),
    values: [value],
    entity: document.entity,
    attribute,
  };
}

const askSingle: Ask = (writer, cluster, typo) =>
  askSingleOf(writer, cluster, writer.random.pick(cluster.facts), typo);

/** A fact of the entity that an unanswerable question was about: the contrast that teaches when to refuse. */
export function askContrast(writer: Writer, cluster: Cluster, entity: Entity, typo: number): Exchange {
  const facts = cluster.facts.filter((fact) => fact.document.entity === entity);
  return askSingleOf(writer, cluster, writer.random.pick(facts), typo);
}

const askYesNo: Ask = (writer, cluster) => {
  const fact = writer.random.pick(cluster.facts);
  const { document, attribute, value } = fact;
  const right = writer.random.chance(0.5);
  const asked = right ? value : wrongValue(writer.random, cluster, fact);
  const clause = writer.clause(document.entity, attribute, asked, nameTarget(cluster, document));
  const restated = writer.clause(document.entity, attribute, value);
  return {
    kind: "yes-no",
    question:
      writer.finish(writer.pick(writer.pack.yesNo).replace("{c}", () => clause)) + labelTarget(attribute),
    relevant: [document.id],
    answer:
      writer.finish(`${right ? writer.pack.yes : writer.pack.no}, ${restated}.`) +
      targetMark(String(document.id)),
    values: [value],
    polarity: right ? "yes" : "no",
  };
};

function joined(writer: Writer, cluster: Cluster, facts: readonly [StatedFact, StatedFact]): string {
  const [first, second] = facts.map(
    ({ document, attribute }) =>
      writer.openQuestion(document.entity, attribute, nameTarget(cluster, document)) + labelTarget(attribute),
  ) as [string, string];
  return writer
    .pick(writer.pack.joinQuestions)
    .replace("{1}", () => first)
    .replace("{2}", () => second);
}

function double(
  kind: GroundedKind,
  writer: Writer,
  question: string,
  facts: readonly [StatedFact, StatedFact],
): Exchange {
  return {
    kind,
    question: writer.finish(question),
    relevant: ids(facts),
    answer: restate(writer, facts),
    values: facts.map((fact) => fact.value),
  };
}

const askTwoEntities: Ask = (writer, cluster) => {
  const facts = writer.random.shuffle(cluster.facts);
  const pairs = (same: boolean) => {
    for (const first of facts)
      for (const second of facts)
        if (
          first.document.entity !== second.document.entity &&
          (!same || first.attribute === second.attribute)
        )
          return [first, second] as const;
    return null;
  };
  const pair = (writer.random.chance(0.8) ? pairs(true) : null) ?? pairs(false);
  if (!pair) return null;
  const [first, second] = pair;
  if (first.attribute !== second.attribute || writer.random.chance(0.5))
    return double("two-entities", writer, joined(writer, cluster, pair), pair);
  const question = writer.render(writer.pick(writer.pack.compare), {
    entity: first.document.entity,
    mark: nameTarget(cluster, first.document),
    second: second.document.entity,
    secondMark: nameTarget(cluster, second.document),
    label: first.attribute.label,
  });
  return double("two-entities", writer, question, pair);
};

const askTwoDocuments: Ask = (writer, cluster) => {
  const facts = writer.random.shuffle(cluster.facts);
  for (const first of facts) {
    const second = facts.find(
      (other) => other.document.entity === first.document.entity && other.document !== first.document,
    );
    if (!second) continue;
    const pair = [first, second] as const;
    if (writer.random.chance(0.5))
      return double("two-documents", writer, joined(writer, cluster, pair), pair);
    const question = writer.render(writer.pick(writer.pack.both), {
      entity: first.document.entity,
      label: first.attribute.label,
      secondLabel: second.attribute.label,
    });
    return double("two-documents", writer, question, pair);
  }
  return null;
};

/** Everything about one entity: all its facts where they are few, else the first of each document. */
const askTopic: Ask = (writer, cluster, typo) => {
  const repeated = cluster.documents.filter(
    (document) => cluster.documents.filter((other) => other.entity === document.entity).length > 1,
  );
  const pool = repeated.length > 0 && writer.random.chance(0.8) ? repeated : cluster.documents;
  const { entity } = writer.random.pick(pool);
  const documents = cluster.documents.filter((document) => document.entity === entity);
  const all = cluster.facts.filter((fact) => fact.document.entity === entity);
  const facts = all.length <= 3 ? all : documents.map((document) => ({ ...document.facts[0]!, document }));
  const mark = documents.length === 1 ? nameTarget(cluster, documents[0]!) : "";
  const question = writer.render(writer.pick(writer.pack.topics), { entity, mark });
  return {
    kind: "topic",
    question: slip(writer, writer.finish(question), typo),
    relevant: ids(facts),
    answer: restate(writer, facts),
    values: facts.map((fact) => fact.value),
  };
};

/** A question on the attribute, sometimes as yes-no, that nothing in the cluster answers. */
function askInVain(
  writer: Writer,
  cluster: Cluster,
  entity: Entity,
  attribute: Attribute,
  mark: string,
): Omit<Exchange, "kind"> {
  const yesNo = writer.random.chance(0.2);
  const clause = yesNo
    ? writer.clause(entity, attribute, attribute.value(writer.random, cluster.names), mark)
    : "";
  const question = yesNo
    ? writer.pick(writer.pack.yesNo).replace("{c}", () => clause)
    : writer.question(entity, attribute, mark);
  const answer = writer.pick(writer.pack.refusals);
  const marked = writer.finish(question) + labelTarget(attribute);
  return { question: marked, relevant: [], answer, values: [], entity, attribute };
}

const askEntityAbsent: Ask = (writer, cluster, typo) => {
  const { random } = writer;
  const near = cluster.types.get(random.pick(cluster.documents).entity.type)!;
  const type = random.chance(0.85) ? near : random.pick([...cluster.types.values()]);
  const present = cluster.documents.map((document) => document.entity);
  const entity = freshEntity(random, cluster.names, type, present);
  const stated = new Set(cluster.facts.map((fact) => fact.attribute));
  const likely = type.attributes.filter((attribute) => stated.has(attribute));
  const attribute = random.pick(likely.length > 0 && random.chance(0.8) ? likely : type.attributes);
  const mark = targetMark(ABSENT);
  const exchange = askInVain(writer, cluster, entity, attribute, mark);
  if (random.chance(0.15)) {
    const question = writer.finish(writer.render(writer.pick(writer.pack.topics), { entity, mark }));
    return { ...exchange, kind: "entity-absent", question: slip(writer, question, typo) };
  }
  return { ...exchange, kind: "entity-absent" };
};

const askAttributeAbsent: Ask = (writer, cluster) => {
  const { random } = writer;
  const facts = cluster.facts;
  const document = random.pick(cluster.documents);
  const { entity } = document;
  const own = new Set(facts.filter((fact) => fact.document.entity === entity).map((fact) => fact.attribute));
  const absent = cluster.types.get(entity.type)!.attributes.filter((attribute) => !own.has(attribute));
  if (absent.length === 0) return null;
  const elsewhere = absent.filter((attribute) => facts.some((fact) => fact.attribute === attribute));
  const attribute = random.pick(elsewhere.length > 0 && random.chance(0.6) ? elsewhere : absent);
  const mark = nameTarget(cluster, document);
  return { ...askInVain(writer, cluster, entity, attribute, mark), kind: "attribute-absent" };
};

/** The kinds that are asked over made-up documents. */
export const ASK: Partial<Record<GroundedKind, Ask>> = {
  single: askSingle,
  "yes-no": askYesNo,
  "two-entities": askTwoEntities,
  "two-documents": askTwoDocuments,
  topic: askTopic,
  "entity-absent": askEntityAbsent,
  "attribute-absent": askAttributeAbsent,
};
