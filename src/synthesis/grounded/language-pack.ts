/** What a language brings: its world and its phrasings. The rest of the generator knows no language. */
import type { Entity, EntityType, Noun } from "./grammar.ts";
import type { Language } from "./options.ts";
import type { Split, Template } from "./template.ts";

export interface LanguagePack {
  language: Language;
  types: readonly EntityType[];
  /** The entity as a noun, its head in front or not; `mark` is written directly after the name (targets.ts). */
  refer: (entity: Entity, withHead: boolean, mark: string) => Noun;
  /** The head without the name ("the river"), for a later sentence; null where names stand alone. */
  headAlone: (entity: Entity) => Noun | null;
  /** Questions that may not follow "and": requests, bare labels. */
  standsAlone: RegExp;
  /** Last touches on a sentence: prepositions that depend on the next sound, a capital at the start. */
  finish: (sentence: string) => string;
  /** What may stand around a clause `{c}` in a document, and around a question `{q}` without its mark. */
  aroundStatement: Split<string>;
  aroundQuestion: Split<string>;
  /** Wrappings of a clause `{c}` into a yes-no question. */
  yesNo: Split<string>;
  yes: string;
  no: string;
  /** Two questions `{1}` and `{2}`, each without its mark, in one. */
  joinQuestions: Split<string>;
  /** Questions on one attribute of two entities, and on two attributes of one. */
  compare: Split<Template>;
  both: Split<Template>;
  /** Sentences about an entity that state nothing. */
  fillers: Split<Template>;
  /** Requests about everything that is known of an entity. */
  topics: Split<Template>;
  refusals: Split<string>;
  /** Marks a text as a refusal, for answers that the generator did not write. */
  refusalPattern: RegExp;
  /** Headings over bullet lists. */
  headings: readonly string[];
  /** What asks to say the rest of the line again. */
  repeat: readonly string[];
  chat: readonly (readonly [readonly string[], readonly string[]])[];
}
