/** Puts facts and questions into words: which template, which way of naming the entity; what stands behind the name. */
import type { Attribute, Entity, Label, Value } from "./grammar.ts";
import type { LanguagePack } from "./language-pack.ts";
import type { GroundedSplit } from "./options.ts";
import type { Random } from "./random.ts";
import { type Fillers, renderTemplate, type Split, type Template } from "./template.ts";

/** Share of statements and questions that come with some words around them. */
const AROUND = 0.12;

export class Writer {
  readonly random: Random;
  readonly pack: LanguagePack;
  readonly #part: "train" | "heldOut";

  constructor(random: Random, pack: LanguagePack, split: GroundedSplit) {
    this.random = random;
    this.pack = pack;
    this.#part = split === "test-templates" ? "heldOut" : "train";
  }

  /** From the part of the list that this split may use. */
  pick<T>(list: Split<T>): T {
    return this.random.pick(list[this.#part]);
  }

  /** Templates that fit; null where the split has none. */
  pickWhere(list: Split<Template>, fits: (template: Template) => boolean): Template | null {
    const fitting = list[this.#part].filter(fits);
    return fitting.length > 0 ? this.random.pick(fitting) : null;
  }

  render(template: Template, parts: SentenceParts): string {
    const fillers: Fillers = {};
    if (parts.entity) fillers.e = this.refer(parts.entity, parts.mark);
    if (parts.second) fillers.f = this.refer(parts.second, parts.secondMark);
    if (parts.value) fillers.v = parts.value;
    if (parts.label) fillers.l = parts.label;
    if (parts.secondLabel) fillers.k = parts.secondLabel;
    return renderTemplate(template, fillers);
  }

  refer(entity: Entity, mark = "") {
    return this.pack.refer(entity, this.random.chance(0.5), mark);
  }

  /** A clause or a note on one fact, no capital, no full stop. */
  statement(entity: Entity, attribute: Attribute, value: Value): string {
    const bare = this.random.chance(0.7);
    const list = bare ? attribute.statements : attribute.notes;
    const text = this.render(this.pick(list), { entity, value, label: attribute.label });
    if (!bare || !this.random.chance(AROUND)) return text;
    return this.pick(this.pack.aroundStatement).replace("{c}", () => text);
  }

  /** A clause that can stand after "is it true that". */
  clause(entity: Entity, attribute: Attribute, value: Value, mark = ""): string {
    return this.render(this.pick(attribute.statements), { entity, mark, value, label: attribute.label });
  }

  question(entity: Entity, attribute: Attribute, mark: string): string {
    if (this.random.chance(AROUND)) {
      const open = this.openQuestion(entity, attribute, mark);
      return this.pick(this.pack.aroundQuestion).replace("{q}", () => open);
    }
    return this.render(this.pick(attribute.questions), { entity, mark, label: attribute.label });
  }

  /** A question in the strict sense, without its mark, to be joined with another. */
  openQuestion(entity: Entity, attribute: Attribute, mark: string): string {
    const template = this.pickWhere(
      attribute.questions,
      ({ source }) => source.endsWith("?") && !this.pack.standsAlone.test(source),
    )!;
    return this.render(template, { entity, mark, label: attribute.label }).slice(0, -1);
  }

  answer(entity: Entity, attribute: Attribute, value: Value): string {
    return this.render(this.pick(attribute.answers), { entity, value, label: attribute.label });
  }

  finish(text: string): string {
    return this.pack.finish(text);
  }
}

export interface SentenceParts {
  entity?: Entity;
  mark?: string;
  second?: Entity;
  secondMark?: string;
  value?: Value;
  label?: Label;
  secondLabel?: Label;
}
