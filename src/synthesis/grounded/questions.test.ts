/** Unanswerable questions are truly so, answerable ones have one answer: checked on the facts, not on the wording. */
import { describe, expect, test } from "vitest";
import { type Cluster, makeCluster } from "./cluster.ts";
import { generateDialogues, PACKS } from "./generate.ts";
import type { GroundedSplit } from "./options.ts";
import { resolveOptions } from "./options.ts";
import { ASK, type Exchange } from "./questions.ts";
import { Random } from "./random.ts";
import { renderDocuments } from "./render-documents.ts";
import { Writer } from "./sentences.ts";
import { namesOf } from "./stems.ts";

const random = new Random(9);

function clusters(
  count: number,
  split: GroundedSplit = "train",
  packs = PACKS,
): { writer: Writer; cluster: Cluster }[] {
  const options = resolveOptions({ split });
  return Array.from({ length: count }, (_, at) => {
    const pack = packs[at % 2]!;
    const writer = new Writer(random, pack, split);
    return { writer, cluster: makeCluster(random, pack, namesOf(split), options) };
  });
}

const made = clusters(150);

/** The same, but that whoever looks at a phrasing of training fails. */
function withoutTraining<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutTraining) as T;
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutTraining(part)]));
  if ("train" in value && "heldOut" in value)
    Object.defineProperty(copy, "train", {
      get() {
        throw new Error("a phrasing of training");
      },
    });
  return copy as T;
}

function stated(cluster: Cluster, exchange: Exchange): number[] {
  return cluster.documents
    .filter(
      ({ entity, facts }) =>
        entity === exchange.entity && facts.some((f) => f.attribute === exchange.attribute),
    )
    .map(({ id }) => id);
}

describe("a cluster", () => {
  test("states a fact once, and no value of an attribute twice", () => {
    for (const { cluster } of made) {
      const facts = cluster.documents.flatMap(({ entity, facts }) =>
        facts.map((fact) => ({ entity, ...fact })),
      );
      expect(facts.length).toBeGreaterThan(0);
      const stated = facts.map(({ entity, attribute }) => `${entity.key} ${attribute.id}`);
      expect(new Set(stated).size).toBe(stated.length);
      const values = facts.map(({ attribute, value }) => `${attribute.id} ${value.key}`);
      expect(new Set(values).size).toBe(values.length);
      expect(cluster.documents.every((document) => document.facts.length > 0)).toBe(true);
    }
  });

  test("tells its entities apart by name", () => {
    for (const { cluster } of made) {
      const names = [...new Set(cluster.documents.map(({ entity }) => entity.name.forms.n))];
      for (const name of names) expect(names.filter((other) => other.startsWith(name))).toEqual([name]);
    }
  });
});

describe("questions", () => {
  test("on an absent entity name nobody in the documents", () => {
    for (const { writer, cluster } of made) {
      const exchange = ASK["entity-absent"]!(writer, cluster, 0)!;
      const text = JSON.stringify(
        renderDocuments(writer, cluster, { plain: 1, markdown: 1, html: 1 }),
      ).toLowerCase();
      const name = exchange.entity!.name.forms.n.toLowerCase();
      expect(text.includes(name), name).toBe(false);
      expect(exchange.relevant).toEqual([]);
      expect(cluster.pack.refusalPattern.test(exchange.answer)).toBe(true);
    }
  });

  test("on an absent attribute are about an entity that is there, without it", () => {
    let asked = 0;
    for (const { writer, cluster } of made) {
      const exchange = ASK["attribute-absent"]!(writer, cluster, 0);
      if (!exchange) continue;
      asked++;
      expect(cluster.documents.some(({ entity }) => entity === exchange.entity)).toBe(true);
      expect(stated(cluster, exchange)).toEqual([]);
      expect(exchange.relevant).toEqual([]);
    }
    expect(asked).toBeGreaterThan(100);
  });

  test("on one fact point to the one document that states it", () => {
    for (const { writer, cluster } of made) {
      const exchange = ASK.single!(writer, cluster, 0)!;
      expect(stated(cluster, exchange)).toEqual(exchange.relevant);
    }
  });

  test("on two documents point to both", () => {
    for (const { writer, cluster } of made) {
      const exchange = ASK["two-documents"]!(writer, cluster, 0);
      if (exchange) expect(exchange.relevant).toHaveLength(2);
      const pair = ASK["two-entities"]!(writer, cluster, 0);
      if (pair) expect(pair.relevant).toHaveLength(2);
    }
  });

  test("can be put in unseen phrasings only", () => {
    for (const { writer, cluster } of clusters(100, "test-templates", PACKS.map(withoutTraining)))
      for (const ask of Object.values(ASK)) {
        const exchange = ask(writer, cluster, 0);
        if (exchange) expect(exchange.question).not.toBe("");
      }
    const [trained] = clusters(1, "train", PACKS.map(withoutTraining));
    expect(() => ASK.single!(trained!.writer, trained!.cluster, 0)).toThrow("of training");
  });
});

test("every refusal of both languages reads as one, and no greeting does", () => {
  for (const { refusals, refusalPattern, chat } of PACKS) {
    for (const refusal of [...refusals.train, ...refusals.heldOut]) expect(refusal).toMatch(refusalPattern);
    for (const [, answers] of chat.slice(0, 1))
      for (const answer of answers) expect(answer).not.toMatch(refusalPattern);
  }
});

test("settings that cannot be met are refused in one line", () => {
  const bad = (options: Parameters<typeof generateDialogues>[0]) => () => generateDialogues(options).next();
  expect(bad({ documents: [0, 9] })).toThrow(/documents: \[0, 9\]/);
  expect(bad({ kinds: { single: -1 } })).toThrow(/weights/);
  expect(bad({ documents: [1, 3], kinds: { "two-entities": 1 } })).toThrow(/documents from 2/);
});
