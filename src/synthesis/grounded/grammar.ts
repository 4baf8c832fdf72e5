/** What a sentence of the made-up world is built from: inflected nouns, values, attributes. Types only. */
import type { Random } from "./random.ts";
import type { Split, Template } from "./template.ts";

/**
 * Nominative, genitive, dative, accusative, instrumental, prepositional. English uses `n`, `g` for the
 * possessive ("Verol's") and `i` for the form with an indefinite article ("a baker").
 */
export type Case = "n" | "g" | "d" | "a" | "i" | "p";
export type Gender = "m" | "f" | "n";
export type Forms = Readonly<Record<Case, string>>;

export interface Noun {
  forms: Forms;
  gender: Gender;
}

/** What an attribute is called; `who` where its value is a person ("who is the author", not "what"). */
export interface Label extends Noun {
  who: boolean;
}

export interface Value extends Noun {
  /** Equal keys: the same value. */
  key: string;
  /** Any of these in an answer counts as the value. */
  accepted: readonly string[];
}

export interface Entity {
  type: string;
  /** Unique in a cluster. */
  key: string;
  name: Noun;
  /** "river", "company": a noun that may stand before the name; null where names stand alone. */
  head: Noun | null;
  /** Names in quotation marks: «Верол». */
  quoted: boolean;
}

export interface Attribute {
  id: string;
  label: Label;
  value: (random: Random, names: NameSource) => Value;
  /** Clauses that begin small and end without a mark: also used inside "is it true that ...". */
  statements: Split<Template>;
  /** Statements that are not clauses ("Length: 5 km"), for documents and answers only. */
  notes: Split<Template>;
  questions: Split<Template>;
  answers: Split<Template>;
}

export interface EntityType {
  id: string;
  attributes: readonly Attribute[];
  make: (random: Random, names: NameSource) => Entity;
}

/** Made-up names of one split: those of training never appear in a test, and the reverse. */
export interface NameSource {
  accepts: (stem: string) => boolean;
}
