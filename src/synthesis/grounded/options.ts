/** Settings of the generator of grounded dialogues, with their defaults. */
import { InputError } from "../../errors.ts";
import { MAX_PROMPT_DOCUMENTS } from "../../spec/grounding.ts";

export type Language = "ru" | "en";

export const GROUNDED_KINDS = [
  "single",
  "two-entities",
  "two-documents",
  "topic",
  "yes-no",
  "entity-absent",
  "attribute-absent",
  "chat",
  "passage",
  "repeat",
] as const;
export type GroundedKind = (typeof GROUNDED_KINDS)[number];

export const FORMATS = ["plain", "markdown", "html"] as const;
export type DocumentFormat = (typeof FORMATS)[number];

/** `train` names and templates; `test-names`: unseen names; `test-templates`: unseen names and phrasings. */
export const SPLITS = ["train", "test-names", "test-templates"] as const;
export type GroundedSplit = (typeof SPLITS)[number];

/** Both ends included. */
export type Range = readonly [number, number];

export interface GroundedOptions {
  /** Any integer. Same options, same rows. Default 1. */
  seed?: number;
  /** Default `train`. */
  split?: GroundedSplit;
  /** Relative weights of the languages. Default equal. */
  languages?: Partial<Record<Language, number>>;
  /** Relative weights of the kinds; 0 or missing turns one off. Default: `DEFAULT_KINDS`. */
  kinds?: Partial<Record<GroundedKind, number>>;
  /** Documents of one cluster, 1 to 6. Default [1, 5]. */
  documents?: Range;
  /** Facts stated in one document. Default [1, 4]. */
  facts?: Range;
  /** Independent dialogues over the same documents. Default [3, 6]. */
  questions?: Range;
  /** Relative weights of the formats. Default plain 2, markdown 1, html 1. */
  formats?: Partial<Record<DocumentFormat, number>>;
  /** Rows carry auxiliary targets (targets.ts). Default false; the texts are the same. */
  targets?: boolean;
  /** Loss weight of the turn that names the ids, where it is not 1. */
  idsWeight?: number;
  /** Share of dialogues that go on to the answer; the others end with the ids. Default 1. */
  answerProbability?: number;
  /** Folder of real text (`ru/news`, ...), needed where `passage` has weight. */
  realText?: string;
  /** How often a question on an absent attribute is followed by one on a present one of the same entity. Default 0.8. */
  contrastProbability?: number;
  /** Letters of a name swapped, dropped or doubled, in topic questions; a tenth of it elsewhere. Default 0.3. */
  typoProbability?: number;
}

const DEFAULT_KINDS: Readonly<Record<GroundedKind, number>> = {
  single: 6,
  "yes-no": 2,
  "two-entities": 2,
  "two-documents": 2,
  topic: 1,
  "entity-absent": 1.5,
  "attribute-absent": 3,
  chat: 0.3,
  passage: 0,
  repeat: 0,
};

export interface ResolvedOptions {
  seed: number;
  split: GroundedSplit;
  languages: Record<Language, number>;
  kinds: Record<GroundedKind, number>;
  documents: Range;
  facts: Range;
  questions: Range;
  formats: Record<DocumentFormat, number>;
  targets: boolean;
  idsWeight: number;
  answerProbability: number;
  contrastProbability: number;
  typoProbability: number;
  realText: string | null;
}

export function resolveOptions(options: GroundedOptions): ResolvedOptions {
  const split = options.split ?? "train";
  if (!SPLITS.includes(split)) throw new InputError(`split "${split}" is unknown: use ${SPLITS.join(", ")}`);
  const none = { single: 0, "two-entities": 0, "two-documents": 0, topic: 0, "yes-no": 0 };
  const off = { ...none, "entity-absent": 0, "attribute-absent": 0, chat: 0, passage: 0, repeat: 0 };
  const resolved: ResolvedOptions = {
    seed: options.seed ?? 1,
    split,
    languages: weights(
      "languages",
      options.languages ? { ru: 0, en: 0, ...options.languages } : { ru: 1, en: 1 },
    ),
    kinds: weights("kinds", options.kinds ? { ...off, ...options.kinds } : DEFAULT_KINDS),
    documents: range("documents", options.documents ?? [1, 5], 1, MAX_PROMPT_DOCUMENTS),
    facts: range("facts", options.facts ?? [1, 4], 1, 6),
    questions: range("questions", options.questions ?? [3, 6], 1, 20),
    formats: weights(
      "formats",
      options.formats
        ? { plain: 0, markdown: 0, html: 0, ...options.formats }
        : { plain: 2, markdown: 1, html: 1 },
    ),
    targets: options.targets ?? false,
    idsWeight: options.idsWeight ?? 1,
    answerProbability: share("answerProbability", options.answerProbability ?? 1),
    contrastProbability: share("contrastProbability", options.contrastProbability ?? 0.8),
    typoProbability: share("typoProbability", options.typoProbability ?? 0.3),
    realText: options.realText ?? null,
  };
  if (!(resolved.idsWeight >= 0 && Number.isFinite(resolved.idsWeight)))
    throw new InputError(`idsWeight: ${resolved.idsWeight} is not a number from 0 up`);
  if (!Number.isSafeInteger(resolved.seed)) throw new InputError(`seed ${resolved.seed} is not an integer`);
  const answerable = GROUNDED_KINDS.filter((kind) => !kind.startsWith("two-") && resolved.kinds[kind] > 0);
  if (answerable.length === 0 && resolved.documents[0] < 2)
    throw new InputError("kinds two-entities and two-documents alone need documents from 2 up");
  if (resolved.kinds.passage > 0 && resolved.realText === null)
    throw new InputError("kind passage needs the folder of real text: set realText");
  return resolved;
}

function weights<K extends string>(name: string, given: Readonly<Record<K, number>>): Record<K, number> {
  const values = Object.values<number>(given);
  if (values.some((weight) => !Number.isFinite(weight) || weight < 0) || !values.some((weight) => weight > 0))
    throw new InputError(`${name}: weights are numbers from 0 up, at least one above 0`);
  return { ...given };
}

function range(name: string, [from, to]: Range, least: number, most: number): Range {
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < least || to > most || from > to)
    throw new InputError(`${name}: [${from}, ${to}] is not a range of integers within ${least} to ${most}`);
  return [from, to];
}

function share(name: string, value: number): number {
  if (!(value >= 0 && value <= 1)) throw new InputError(`${name}: ${value} is not between 0 and 1`);
  return value;
}
