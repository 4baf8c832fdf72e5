/**
 * The generator: options in, an endless stream of grounded dialogues out, cluster by cluster. Same options, same
 * rows. A cluster's dialogues are independent of each other: none answers or helps to eliminate for another.
 */
import type { AuxiliaryTarget } from "../../spec/dataset.ts";
import { GROUNDED_SYSTEM_PROMPT } from "../../spec/grounding.ts";
import { pythonJson } from "../../util/python-json.ts";
import { chatRow } from "./chat.ts";
import { type Cluster, makeCluster, sameEntityShare } from "./cluster.ts";
import { ENGLISH } from "./en/pack.ts";
import type { NameSource } from "./grammar.ts";
import type { LanguagePack } from "./language-pack.ts";
import {
  type GroundedKind,
  type GroundedOptions,
  type Language,
  type ResolvedOptions,
  resolveOptions,
} from "./options.ts";
import { passageCluster } from "./passages.ts";
import { ASK, askContrast, type Exchange } from "./questions.ts";
import { Random } from "./random.ts";
import { loadSentences } from "./real-text.ts";
import { type RenderedDocument, renderDocuments } from "./render-documents.ts";
import { repeatRow } from "./repeat.ts";
import type { GroundedRow } from "./row.ts";
import { RUSSIAN } from "./ru/pack.ts";
import { Writer } from "./sentences.ts";
import { namesOf } from "./stems.ts";
import { documentTargets, takeTargets } from "./targets.ts";

export const PACKS: readonly LanguagePack[] = [RUSSIAN, ENGLISH];

const WORLD_KINDS = Object.keys(ASK) as GroundedKind[];

/** Endless: take as many rows as needed. */
export function* generateDialogues(options: GroundedOptions = {}): Generator<GroundedRow, never> {
  const settings = resolveOptions(options);
  const { kinds, split, seed } = settings;
  const random = new Random(seed);
  const names = namesOf(split);
  const loaded = new Map<Language, string[]>();
  const sentencesOf = (language: Language) => {
    const sentences = loaded.get(language) ?? loadSentences(settings.realText!, language);
    loaded.set(language, sentences);
    return sentences;
  };
  const world = WORLD_KINDS.reduce((sum, kind) => sum + kinds[kind], 0);
  for (let number = 0; ; number++) {
    const id = `${split}-${seed}-${number}`;
    const pack = PACKS[random.weighted(PACKS.map(({ language }) => settings.languages[language]))]!;
    const source = (["world", "chat", "passage", "repeat"] as const)[
      random.weighted([world, kinds.chat, kinds.passage, kinds.repeat])
    ]!;
    if (source === "world") yield* worldRows(random, pack, names, settings, id);
    else if (source === "passage") {
      const writer = new Writer(random, pack, split);
      const { documents, exchanges } = passageCluster(writer, names, sentencesOf(pack.language), settings);
      yield* finished(random, toRows(id, pack, documents, exchanges), { ...settings, answerProbability: 1 });
    } else if (source === "repeat") yield repeatRow(random, pack, names, id);
    else {
      // As many rows as a cluster has, so that the weights of the kinds are shares of rows.
      for (let at = random.int(...settings.questions); at > 0; at--)
        yield chatRow(random, pack, `${id}-${at}`);
    }
  }
}

function* worldRows(
  random: Random,
  pack: LanguagePack,
  names: NameSource,
  settings: ResolvedOptions,
  id: string,
): Generator<GroundedRow> {
  const writer = new Writer(random, pack, settings.split);
  const cluster = makeCluster(random, pack, names, settings);
  const documents = renderDocuments(writer, cluster, settings.formats);
  yield* finished(random, toRows(id, pack, documents, askAll(writer, cluster, settings)), settings);
}

/** With their weights and targets, and some without their answers. */
function* finished(
  random: Random,
  rows: Iterable<GroundedRow>,
  { targets, answerProbability, idsWeight }: ResolvedOptions,
): Generator<GroundedRow> {
  for (const row of rows) {
    if (idsWeight !== 1) row.messages[3]!.weight = idsWeight;
    if (answerProbability !== 1 && !random.chance(answerProbability)) row.messages.pop();
    const found = takeTargetsOf(row);
    if (targets) row.targets = found;
    yield row;
  }
}

/** As many questions as asked for, no two alike; an absent attribute mostly with a present one of the same entity. */
function askAll(writer: Writer, cluster: Cluster, settings: ResolvedOptions): Exchange[] {
  const wanted = writer.random.int(...settings.questions);
  // Only some clusters can ask over two documents on one entity: those ask it the more often.
  const scarce = 1 / Math.max(0.05, sameEntityShare(settings));
  const weights = WORLD_KINDS.map((kind) => settings.kinds[kind] * (kind === "two-documents" ? scarce : 1));
  const exchanges: Exchange[] = [];
  const add = (exchange: Exchange | null) => {
    const fresh = exchange !== null && exchanges.every((other) => !repeats(other, exchange));
    if (fresh && exchanges.length < wanted) exchanges.push(exchange);
  };
  // A kind may be impossible here (two entities in one document): the bound ends the search.
  for (let attempt = 0; exchanges.length < wanted && attempt < wanted * 4; attempt++) {
    const kind = WORLD_KINDS[writer.random.weighted(weights)]!;
    const exchange = ASK[kind]!(writer, cluster, settings.typoProbability);
    add(exchange);
    const contrast = exchange !== null && kind === "attribute-absent" && settings.kinds.single > 0;
    if (contrast && writer.random.chance(settings.contrastProbability))
      add(askContrast(writer, cluster, exchange.entity!, settings.typoProbability));
  }
  return exchanges;
}

/** Out of the texts of the row. */
function takeTargetsOf(row: GroundedRow): AuxiliaryTarget[] {
  const targets: AuxiliaryTarget[] = [];
  for (const [i, message] of row.messages.entries()) {
    const reach = message.role === "assistant" ? "sentence" : "character";
    const { text, targets: marked } = takeTargets(i, message.content, reach);
    message.content = text;
    // Marks inside a document come after it: of overlapping targets the last one counts.
    if (message.role === "documents") targets.push(...documentTargets(i, text));
    targets.push(...marked);
  }
  return targets;
}

/** The same words, or twice everything about one entity. */
function repeats(one: Exchange, other: Exchange): boolean {
  const topics = one.kind === "topic" && other.kind === "topic" && `${one.relevant}` === `${other.relevant}`;
  return topics || one.question === other.question;
}

function* toRows(
  cluster: string,
  pack: LanguagePack,
  documents: readonly RenderedDocument[],
  exchanges: readonly Exchange[],
): Generator<GroundedRow> {
  const shown = pythonJson(documents.map((document) => ({ ...document })));
  for (const { kind, question, relevant, answer, values, polarity } of exchanges)
    yield {
      messages: [
        { role: "system", content: GROUNDED_SYSTEM_PROMPT },
        { role: "documents", content: shown },
        { role: "user", content: question },
        { role: "assistant", content: pythonJson({ relevant_doc_ids: relevant }) },
        { role: "assistant", content: answer },
      ],
      cluster,
      kind,
      language: pack.language,
      relevant_doc_ids: relevant,
      document_count: documents.length,
      value: values.map((value) => value.key),
      value_forms: values.map((value) => [...value.accepted]),
      ...(polarity === undefined ? {} : { polarity }),
    };
}
