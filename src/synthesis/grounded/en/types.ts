/** The kinds of things of the English world: which nouns may head their names, and which attributes they have. */
import type { Attribute, EntityType, NameSource, Noun } from "../grammar.ts";
import type { Random } from "../random.ts";
import * as organisations from "./attributes-organisations.ts";
import * as people from "./attributes-people.ts";
import * as places from "./attributes-places.ts";
import * as things from "./attributes-things.ts";
import { topicType } from "./attributes-topics.ts";
import { nameOf, noun, personName, placeName, townName } from "./values.ts";

function type(
  id: string,
  heads: string,
  name: (random: Random, names: NameSource) => Noun,
  attributes: readonly Attribute[],
): EntityType {
  const list = heads === "" ? [null] : heads.split(", ").map((head) => noun(head));
  const make = (random: Random, names: NameSource) => {
    const made = name(random, names);
    return { type: id, key: `${id} ${made.forms.n}`, name: made, head: random.pick(list), quoted: false };
  };
  return { id, attributes, make };
}

const word = (random: Random, names: NameSource) => noun(nameOf(random, names));
const place = (random: Random, names: NameSource) => placeName(random, nameOf(random, names));

const { foundedYear, founder, director, seat } = organisations;
const { colour, material, releaseYear, price } = things;

export const TYPES: readonly EntityType[] = [
  type("person", "", personName, [
    people.birthYear,
    people.birthPlace,
    people.residence,
    people.profession,
    people.favouriteFood,
    people.sport,
    people.instrument,
    people.pet,
  ]),
  type(
    "animal",
    "elephant, tiger, camel, bear, moose, giraffe, hippo, penguin, lion, turtle, monkey, horse, dog, cat, fox",
    word,
    [people.birthYear, people.animalFood, people.weight, people.residence, people.birthPlace, colour],
  ),
  type("town", "town of, city of, village of", townName, [
    foundedYear,
    founder,
    places.location,
    places.population,
    places.mayor,
    places.symbol,
    places.craft,
    places.area,
  ]),
  type("river", "river", place, [
    places.length,
    places.depth,
    places.flowsInto,
    places.fish,
    places.location,
  ]),
  type("lake", "lake", place, [places.depth, places.area, places.fish, places.location, places.length]),
  type("mountain", "mountain, volcano, peak", place, [
    places.height,
    places.firstClimber,
    places.ascentYear,
    places.location,
  ]),
  type("company", "company, firm, factory, corporation", word, [
    foundedYear,
    founder,
    director,
    seat,
    organisations.employees,
    organisations.product,
  ]),
  type("museum", "museum, gallery", word, [
    foundedYear,
    founder,
    director,
    seat,
    organisations.collection,
    organisations.halls,
    organisations.ticketPrice,
  ]),
  type("festival", "festival, fair", word, [
    foundedYear,
    founder,
    organisations.month,
    organisations.venue,
    organisations.visitors,
  ]),
  type("band", "band, ensemble, choir", word, [
    foundedYear,
    founder,
    organisations.members,
    organisations.singer,
    organisations.musicStyle,
    organisations.albums,
  ]),
  type("book", "book, novel, story", word, [
    things.author,
    releaseYear,
    things.genre,
    things.pages,
    things.setting,
    price,
  ]),
  type("film", "film, movie, series", word, [
    things.filmDirector,
    things.mainRole,
    releaseYear,
    things.genre,
    things.duration,
    things.setting,
  ]),
  type("ship", "ship, yacht, boat, barge", word, [
    things.captain,
    things.builtYear,
    things.shipLength,
    things.crew,
    things.speed,
    colour,
    material,
  ]),
  type("device", "device, robot, phone, camera", word, [
    things.inventor,
    releaseYear,
    price,
    things.battery,
    things.power,
    things.deviceWeight,
    colour,
    material,
  ]),
  topicType,
];
