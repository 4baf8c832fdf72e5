/**
 * Clusters over real text: documents that are titled by a made-up subject and hold a real sentence each. Asked about a
 * subject, the answer is its sentences, verbatim. Teaches to copy what no template says.
 */
import { freshEntity } from "./cluster.ts";
import type { Entity, NameSource } from "./grammar.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Exchange } from "./questions.ts";
import type { Random } from "./random.ts";
import type { RenderedDocument } from "./render-documents.ts";
import type { Writer } from "./sentences.ts";
import { ABSENT, targetMark } from "./targets.ts";
import { addTypo } from "./typo.ts";

interface Passage {
  id: number;
  entity: Entity;
  sentence: string;
}

/** Documents on one entity. */
const MAX_SAME = 3;

export function passageCluster(
  writer: Writer,
  names: NameSource,
  sentences: readonly string[],
  settings: ResolvedOptions,
): { documents: RenderedDocument[]; exchanges: Exchange[] } {
  const { random, pack } = writer;
  const count = random.int(...settings.documents);
  const entities: Entity[] = [];
  const fresh = () => freshEntity(random, names, random.pick(pack.types), entities);
  const main = fresh();
  const same = random.int(1, Math.min(count, MAX_SAME));
  while (entities.length < count) entities.push(entities.length < same ? main : fresh());
  const passages = random
    .shuffle(entities)
    .map((entity, id) => ({ id, entity, sentence: pickSentence(random, sentences) }));
  const subjects = random.shuffle([...new Set(entities)]).slice(0, random.int(...settings.questions));
  return {
    documents: passages.map((passage) => toDocument(writer, passage)),
    exchanges: [...subjects, fresh()].map((entity) => askAbout(writer, entity, passages, settings)),
  };
}

/** Real text seldom has numbers, and percentages hardly ever: both are sought, and half of the numbers drawn anew. */
function pickSentence(random: Random, sentences: readonly string[]): string {
  let sentence = random.pick(sentences);
  const wanted = random.chance(0.5);
  for (let attempt = 0; wanted && attempt < 8 && !/\d/.test(sentence); attempt++)
    sentence = random.pick(sentences);
  if (random.chance(0.15)) sentence = `${sentence.slice(0, -1)}: ${random.int(1, 99)}%.`;
  return sentence.replace(/\d+(?![\d%])/g, (number) =>
    random.chance(0.5) ? number : `${random.int(1, 2000)}${random.chance(0.4) ? "%" : ""}`,
  );
}

/** Titled by the subject, or by it and a word of the text. */
function toDocument(writer: Writer, { id, entity, sentence }: Passage): RenderedDocument {
  const { random } = writer;
  const words = sentence.match(/\p{L}{5,}/gu) ?? [];
  const aspect = words.length > 0 && random.chance(0.6) ? `: ${random.pick(words)}` : "";
  const title = writer.finish(writer.refer(entity).forms.n) + aspect;
  return { doc_id: id, title, content: random.chance(0.3) ? sentence.replace(/\.$/, "") : sentence };
}

function askAbout(
  writer: Writer,
  entity: Entity,
  passages: readonly Passage[],
  { typoProbability }: ResolvedOptions,
): Exchange {
  const about = passages.filter((passage) => passage.entity === entity);
  const label = about.length === 0 ? ABSENT : `${about[0]!.id}`;
  const mark = about.length < 2 ? targetMark(label) : "";
  const question = writer.finish(writer.render(writer.pick(writer.pack.topics), { entity, mark }));
  const isSlip = writer.random.chance(typoProbability);
  return {
    kind: "passage",
    question: isSlip ? addTypo(writer.random, question) : question,
    relevant: about.map(({ id }) => id),
    answer:
      about.length > 0
        ? about.map(({ id, sentence }) => sentence + targetMark(`${id}`)).join(" ")
        : writer.pick(writer.pack.refusals),
    values: about.map(({ sentence }) => ({ key: sentence, accepted: [sentence] })),
  };
}
