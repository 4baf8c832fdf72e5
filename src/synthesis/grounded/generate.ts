/**
 * The generator: options in, an endless stream of grounded dialogues out, cluster by cluster. Same options, same
 * rows. A cluster's dialogues are independent of each other: none answers or helps to eliminate for another.
 */
import { GROUNDED_SYSTEM_PROMPT } from "../../spec/grounding.ts";
import { pythonJson } from "../../util/python-json.ts";
import { chatRow } from "./chat.ts";
import { type Cluster, makeCluster } from "./cluster.ts";
import { ENGLISH } from "./en/pack.ts";
import type { NameSource } from "./grammar.ts";
import type { LanguagePack } from "./language-pack.ts";
import { type GroundedKind, type GroundedOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import { ASK, askContrast, type Exchange } from "./questions.ts";
import { Random } from "./random.ts";
import { type RenderedDocument, renderDocuments } from "./render-documents.ts";
import type { GroundedRow } from "./row.ts";
import { RUSSIAN } from "./ru/pack.ts";
import { Writer } from "./sentences.ts";
import { namesOf } from "./stems.ts";

export const PACKS: readonly LanguagePack[] = [RUSSIAN, ENGLISH];

/** Endless: take as many rows as needed. */
export function* generateDialogues(options: GroundedOptions = {}): Generator<GroundedRow, never> {
  const settings = resolveOptions(options);
  const random = new Random(settings.seed);
  const names = namesOf(settings.split);
  const world = Object.keys(ASK).reduce((sum, kind) => sum + settings.kinds[kind as GroundedKind], 0);
  for (let number = 0; ; number++) {
    const id = `${settings.split}-${settings.seed}-${number}`;
    const pack = PACKS[random.weighted(PACKS.map(({ language }) => settings.languages[language]))]!;
    const source = random.weighted([world, settings.kinds.chat]);
    if (source === 0) yield* worldRows(random, pack, names, settings, id);
    else
      for (let at = random.int(...settings.questions); at > 0; at--)
        yield chatRow(random, pack, `${id}-${at}`);
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
  const exchanges = askAll(writer, cluster, settings);
  for (const exchange of exchanges) yield toRow(id, pack, documents, exchange);
}

/** As many questions as asked for, no two alike; an absent attribute mostly with a present one of the same entity. */
function askAll(writer: Writer, cluster: Cluster, settings: ResolvedOptions): Exchange[] {
  const wanted = writer.random.int(...settings.questions);
  const kinds = Object.keys(ASK) as GroundedKind[];
  const weights = kinds.map((kind) => settings.kinds[kind]);
  const exchanges: Exchange[] = [];
  // A kind may be impossible here (two entities in one document): the bound ends the search.
  for (let attempt = 0; exchanges.length < wanted && attempt < wanted * 4; attempt++) {
    const kind = kinds[writer.random.weighted(weights)]!;
    const exchange = ASK[kind]!(writer, cluster, settings.typoProbability);
    if (!exchange) continue;
    exchanges.push(exchange);
    const contrast = kind === "attribute-absent" && settings.kinds.single > 0 && exchanges.length < wanted;
    if (contrast && writer.random.chance(settings.contrastProbability))
      exchanges.push(askContrast(writer, cluster, exchange.entity!, settings.typoProbability));
  }
  return exchanges.filter((a, at) => exchanges.findIndex((b) => b.question === a.question) === at);
}

function toRow(
  cluster: string,
  pack: LanguagePack,
  documents: readonly RenderedDocument[],
  exchange: Exchange,
): GroundedRow {
  const { kind, question, relevant, answer, values, polarity } = exchange;
  return {
    messages: [
      { role: "system", content: GROUNDED_SYSTEM_PROMPT },
      { role: "documents", content: pythonJson(documents.map((document) => ({ ...document }))) },
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
