/** The kinds of things of the Russian world: which nouns may head their names, and which attributes they have. */
import type { Attribute, Entity, EntityType, Gender, NameSource, Noun } from "../grammar.ts";
import type { Random } from "../random.ts";
import * as organisations from "./attributes-organisations.ts";
import * as people from "./attributes-people.ts";
import * as places from "./attributes-places.ts";
import * as things from "./attributes-things.ts";
import * as topics from "./attributes-topics.ts";
import { declineNoun } from "./inflect.ts";
import { nameOf, personName, placeName } from "./names.ts";
import { nouns } from "./values.ts";

function entity(type: string, name: Noun, head: Noun | null = null, quoted = false): Entity {
  return { type, key: `${type} ${name.forms.n}`, name, head, quoted };
}

/** Towns, rivers, mountains: the name stands free, in its own gender. */
function place(id: string, heads: string, genders: readonly Gender[], attributes: Attribute[]): EntityType {
  const list = nouns(heads);
  const make = (random: Random, names: NameSource) =>
    entity(id, placeName(random, names, random.pick(genders)), random.pick(list));
  return { id, attributes, make };
}

/** Companies, books, ships: the name stands in quotation marks. */
function titled(id: string, heads: string, attributes: Attribute[]): EntityType {
  const list = nouns(heads);
  const make = (random: Random, names: NameSource) =>
    entity(id, nameOf(random, names, random.chance(0.6) ? "m" : "f"), random.pick(list), true);
  return { id, attributes, make };
}

const animalHeads = ["слон", "тигр", "верблюд", "медведь", "лось", "жираф", "бегемот", "пингвин", "лев:льв"]
  .map((word) => declineNoun(word, "m", true))
  .concat(
    ["черепаха", "обезьяна", "лошадь", "собака", "кошка", "лиса", "пантера"].map((w) =>
      declineNoun(w, "f", true),
    ),
  );

const { foundedYear, founder, director, seat } = organisations;
const { colour, material, releaseYear, price } = things;

export const TYPES: readonly EntityType[] = [
  {
    id: "person",
    attributes: [
      people.birthPlace,
      people.birthYear,
      people.favouriteFood,
      people.instrument,
      people.pet,
      people.profession,
      people.residence,
      people.sport,
    ],
    make: (random, names) => entity("person", personName(random, names)),
  },
  {
    id: "animal",
    attributes: [
      people.birthYear,
      people.animalFood,
      people.weight,
      people.residence,
      people.birthPlace,
      colour,
    ],
    make: (random, names) => {
      const head = random.pick(animalHeads);
      return entity("animal", nameOf(random, names, head.gender, true), head);
    },
  },
  place(
    "town",
    "город m, посёлок:посёлк m, деревня f, село n",
    ["m", "f", "m", "f", "n"],
    [
      foundedYear,
      founder,
      places.location,
      places.population,
      places.mayor,
      places.symbol,
      places.craft,
      places.area,
    ],
  ),
  place(
    "river",
    "река f",
    ["f"],
    [places.length, places.depth, places.flowsInto, places.fish, places.location],
  ),
  place(
    "lake",
    "озеро n",
    ["m", "f", "n"],
    [places.depth, places.area, places.fish, places.location, places.length],
  ),
  place(
    "mountain",
    "гора f, вулкан m",
    ["m", "f"],
    [places.height, places.firstClimber, places.ascentYear, places.location],
  ),
  titled("company", "компания f, фирма f, фабрика f, завод m, корпорация f", [
    foundedYear,
    founder,
    director,
    seat,
    organisations.employees,
    organisations.product,
  ]),
  titled("museum", "музей m, галерея f", [
    foundedYear,
    founder,
    director,
    seat,
    organisations.collection,
    organisations.halls,
    organisations.ticketPrice,
  ]),
  titled("festival", "фестиваль m, ярмарка f, праздник m", [
    foundedYear,
    founder,
    organisations.month,
    organisations.venue,
    organisations.visitors,
  ]),
  titled("band", "группа f, ансамбль m, хор m", [
    foundedYear,
    founder,
    organisations.members,
    organisations.singer,
    organisations.musicStyle,
    organisations.albums,
  ]),
  titled("book", "книга f, роман m, повесть f", [
    things.author,
    releaseYear,
    things.genre,
    things.pages,
    things.setting,
    price,
  ]),
  titled("film", "фильм m, картина f, сериал m", [
    things.filmDirector,
    things.mainRole,
    releaseYear,
    things.genre,
    things.duration,
    things.setting,
  ]),
  titled("ship", "корабль m, яхта f, судно n, теплоход m, баржа f", [
    things.captain,
    things.builtYear,
    things.shipLength,
    things.crew,
    things.speed,
    colour,
    material,
  ]),
  titled("device", "прибор m, робот m, устройство n, телефон m, камера f", [
    things.inventor,
    releaseYear,
    price,
    things.battery,
    things.power,
    things.deviceWeight,
    colour,
    material,
  ]),
  topics.topicType,
];
