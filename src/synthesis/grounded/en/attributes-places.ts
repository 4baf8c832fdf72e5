/** English attributes of towns, rivers, lakes and mountains. */
import { define } from "./define.ts";
import { count, countable, country, person, plain, river, year } from "./values.ts";

export const location = define(
  "country",
  "country",
  country,
  [
    "{e} is in {v}",
    "{e} is located in {v}",
    "the country where {e} lies is {v}",
    "{v} is home to {e}",
    "{e} lies in {v}",
    "{e} can be found in {v}",
    "{e} is situated in {v}",
  ],
  [
    "where is {e}?",
    "in which country is {e}?",
    "what country is {e} in?",
    "where is {e} located?",
    "in which country does {e} lie?",
    "where is {e} situated?",
  ],
);

export const population = define(
  "population",
  "population",
  count(200, 99000, "resident", "residents", 100),
  [
    "{e} has {v}",
    "{e} is home to {v}",
    "the census in {e} counted {v}",
    "{e} has a population of {v}",
    "{v} live in {e}",
    "{e} is inhabited by {v}",
  ],
  [
    "how many people live in {e}?",
    "how many residents does {e} have?",
    "how many people is {e} home to?",
    "how large is the population of {e}?",
    "how many residents did the census in {e} count?",
    "how many people inhabit {e}?",
  ],
);

export const mayor = define(
  "mayor",
  "mayor",
  person,
  [
    "{v} governs {e}",
    "{e} is governed by {v}",
    "{v} works as mayor of {e}",
    "{v} is in charge of {e}",
    "the people of {e} elected {v}",
    "{e} is led by {v}",
  ],
  [
    "who governs {e}?",
    "who is in charge of {e}?",
    "who works as mayor of {e}?",
    "what is the name of the mayor of {e}?",
    "whom did the people of {e} elect?",
    "by whom is {e} led?",
  ],
  { who: true },
);

export const symbol = define(
  "symbol",
  "symbol",
  countable(
    "lion, eagle, bear, wolf, fox, deer, falcon, bull, dragon, beaver, crane, boar, raven, lynx, horse, rooster, swan, " +
      "squirrel, badger, owl",
  ),
  [
    "the coat of arms of {e} shows {v.i}",
    "there is {v.i} on the coat of arms of {e}",
    "the animal on the coat of arms of {e} is {v.i}",
    "{e} has {v.i} on its coat of arms",
    "{v.i} decorates the coat of arms of {e}",
    "the coat of arms of {e} depicts {v.i}",
  ],
  [
    "what is on the coat of arms of {e}?",
    "what animal is on the coat of arms of {e}?",
    "which animal does the coat of arms of {e} show?",
    "what animal does {e} have on its coat of arms?",
    "which animal decorates the coat of arms of {e}?",
    "what does the coat of arms of {e} depict?",
  ],
);

export const craft = define(
  "craft",
  "main product",
  plain(
    "cheese, honey, lace, pottery, bread, glass, linen, amber, wine, tea, salt, gingerbread, porcelain, cranberries, cider, " +
      "silk, carpets, candles, leather, beer",
  ),
  [
    "{e} is famous for {v}",
    "{e} is known for its {v}",
    "people come to {e} for {v}",
    "traders bring {v} from {e}",
    "{e} is proud of its {v}",
    "{e} is renowned for {v}",
  ],
  [
    "what is {e} famous for?",
    "what is {e} known for?",
    "what product is {e} proud of?",
    "what do people come to {e} for?",
    "what do traders bring from {e}?",
    "what is {e} renowned for?",
  ],
);

export const length = define(
  "length",
  "length",
  count(5, 3000, "kilometre", "kilometres"),
  [
    "{e} is {v} long",
    "{e} has a length of {v}",
    "{e} runs for {v}",
    "{e} stretches for {v}",
    "from end to end {e} is {v}",
    "{e} extends over {v}",
  ],
  [
    "how long is {e}?",
    "what length does {e} have?",
    "how many kilometres long is {e}?",
    "how far does {e} stretch?",
    "for how many kilometres does {e} run?",
    "over how many kilometres does {e} extend?",
  ],
);

export const depth = define(
  "depth",
  "depth",
  count(2, 990, "metre", "metres"),
  [
    "{e} is {v} deep",
    "{e} has a depth of {v}",
    "{e} reaches a depth of {v}",
    "the bottom of {e} is {v} down",
    "at its deepest point {e} measures {v}",
    "{e} goes down {v}",
  ],
  [
    "how deep is {e}?",
    "what depth does {e} have?",
    "what depth does {e} reach?",
    "how many metres deep is {e}?",
    "how far down is the bottom of {e}?",
    "how many metres does {e} go down?",
  ],
);

export const flowsInto = define(
  "flows-into",
  "receiving river",
  river,
  [
    "{e} flows into the river {v}",
    "the mouth of {e} is on the river {v}",
    "{e} carries its water to the river {v}",
    "{e} ends at the river {v}",
    "the river {v} takes the water of {e}",
    "{e} joins the river {v}",
  ],
  [
    "where does {e} flow?",
    "what river does {e} flow into?",
    "where is the mouth of {e}?",
    "which river takes the water of {e}?",
    "where does {e} end?",
    "which river does {e} join?",
  ],
);

export const fish = define(
  "fish",
  "main fish",
  plain(
    "pike, trout, perch, carp, catfish, bream, zander, burbot, roach, sturgeon, grayling, salmon, tench, eel, whitefish, lamprey",
  ),
  [
    "{v} live in {e}",
    "anglers catch {v} in {e}",
    "the waters of {e} hold {v}",
    "{e} is full of {v}",
    "you can catch {v} in {e}",
    "{e} teems with {v}",
  ],
  [
    "what fish live in {e}?",
    "what do anglers catch in {e}?",
    "which fish is {e} full of?",
    "what fish can you catch in {e}?",
    "what fish do the waters of {e} hold?",
    "what fish does {e} teem with?",
  ],
);

export const area = define(
  "area",
  "area",
  count(2, 990, "square kilometre", "square kilometres"),
  [
    "{e} covers {v}",
    "{e} has an area of {v}",
    "{e} takes up {v}",
    "{e} spreads over {v}",
    "the surface of {e} is {v}",
    "{e} occupies {v}",
  ],
  [
    "how large is {e}?",
    "what area does {e} cover?",
    "how many square kilometres does {e} cover?",
    "over what area does {e} spread?",
    "how large an area does {e} take up?",
    "how many square kilometres does {e} occupy?",
  ],
);

export const height = define(
  "height",
  "height",
  count(300, 8900, "metre", "metres"),
  [
    "{e} is {v} high",
    "{e} has a height of {v}",
    "{e} rises to {v}",
    "{e} reaches {v}",
    "the top of {e} is at {v}",
    "{e} towers to {v}",
  ],
  [
    "how high is {e}?",
    "what height does {e} reach?",
    "how many metres high is {e}?",
    "how tall is {e}?",
    "how high does {e} rise?",
    "to what height does {e} tower?",
  ],
);

export const firstClimber = define(
  "first-climber",
  "first climber",
  person,
  [
    "{v} was the first to climb {e}",
    "{e} was first climbed by {v}",
    "{v} first reached the top of {e}",
    "the first person on top of {e} was {v}",
    "{v} conquered {e}",
    "the summit of {e} was first reached by {v}",
  ],
  [
    "who first climbed {e}?",
    "who was the first to climb {e}?",
    "by whom was {e} first climbed?",
    "who first reached the top of {e}?",
    "who was the first person on top of {e}?",
    "who conquered {e}?",
  ],
  { who: true },
);

export const ascentYear = define(
  "ascent-year",
  "year of the first ascent",
  year(1780, 2015),
  [
    "{e} was first climbed in {v}",
    "in {v} people first climbed {e}",
    "the first ascent of {e} was in {v}",
    "the top of {e} was first reached in {v}",
    "climbers first stood on {e} in {v}",
    "{e} was conquered in {v}",
  ],
  [
    "when was {e} first climbed?",
    "in which year was {e} first climbed?",
    "when did people first climb {e}?",
    "when was the first ascent of {e}?",
    "in what year was the top of {e} first reached?",
    "when was {e} conquered?",
  ],
);
