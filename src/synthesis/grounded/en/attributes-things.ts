/** English attributes of books, films, ships and devices. */
import { define } from "./define.ts";
import { count, person, plain, town, year } from "./values.ts";

export const author = define(
  "author",
  "author",
  person,
  [
    "{v} wrote {e}",
    "{e} was written by {v}",
    "{e} is a work by {v}",
    "the writer of {e} is {v}",
    "{e} came from the pen of {v}",
    "{v} penned {e}",
  ],
  [
    "who wrote {e}?",
    "by whom was {e} written?",
    "who is the writer of {e}?",
    "from whose pen did {e} come?",
    "whose work is {e}?",
    "who penned {e}?",
  ],
  { who: true },
);

export const filmDirector = define(
  "film-director",
  "director",
  person,
  [
    "{v} directed {e}",
    "{e} was directed by {v}",
    "{e} was shot by {v}",
    "{v} made {e}",
    "the shooting of {e} was led by {v}",
    "{v} filmed {e}",
  ],
  [
    "who directed {e}?",
    "by whom was {e} directed?",
    "who made {e}?",
    "who shot {e}?",
    "who led the shooting of {e}?",
    "who filmed {e}?",
  ],
  { who: true },
);

export const mainRole = define(
  "main-role",
  "lead actor",
  person,
  [
    "{v} played the main role in {e}",
    "the main role in {e} was played by {v}",
    "{e} stars {v}",
    "the star of {e} is {v}",
    "the main role in {e} went to {v}",
    "{v} starred in {e}",
  ],
  [
    "who played the main role in {e}?",
    "by whom was the main role in {e} played?",
    "who is the star of {e}?",
    "whom does {e} star?",
    "to whom did the main role in {e} go?",
    "who starred in {e}?",
  ],
  { who: true },
);

export const releaseYear = define(
  "release-year",
  "release year",
  year(1900, 2024),
  [
    "{e} came out in {v}",
    "in {v} {e} came out",
    "{e} was released in {v}",
    "{e} appeared in {v}",
    "the public first saw {e} in {v}",
    "{e} was launched in {v}",
  ],
  [
    "when did {e} come out?",
    "in which year did {e} come out?",
    "when was {e} released?",
    "in what year did {e} appear?",
    "when did the public first see {e}?",
    "when was {e} launched?",
  ],
);

export const genre = define(
  "genre",
  "genre",
  plain(
    "comedy, tragedy, drama, fantasy, satire, thriller, western, parable, parody, mystery, romance, horror, adventure, science fiction",
  ),
  [
    "{e} belongs to the genre of {v}",
    "{e} is a work of {v}",
    "critics file {e} under {v}",
    "in genre {e} is {v}",
    "shops sell {e} as {v}",
    "{e} is classed as {v}",
  ],
  [
    "what genre is {e}?",
    "what genre does {e} belong to?",
    "under which genre do critics file {e}?",
    "which genre is {e} a work of?",
    "as which genre do shops sell {e}?",
    "as what genre is {e} classed?",
  ],
);

export const pages = define(
  "pages",
  "length",
  count(40, 990, "page", "pages"),
  [
    "{e} has {v}",
    "there are {v} in {e}",
    "{e} runs to {v}",
    "{e} is {v} long",
    "readers of {e} turn {v}",
    "{e} fills {v}",
  ],
  [
    "how many pages does {e} have?",
    "how many pages are there in {e}?",
    "to how many pages does {e} run?",
    "how many pages long is {e}?",
    "how many pages do readers of {e} turn?",
    "how many pages does {e} fill?",
  ],
);

export const duration = define(
  "duration",
  "running time",
  count(12, 240, "minute", "minutes"),
  [
    "{e} lasts {v}",
    "{e} runs for {v}",
    "{e} is {v} long",
    "watching {e} takes {v}",
    "it takes {v} to watch {e}",
    "{e} goes on for {v}",
  ],
  [
    "how long does {e} last?",
    "how long is {e}?",
    "how many minutes does {e} run for?",
    "how long does it take to watch {e}?",
    "how many minutes does {e} last?",
    "for how many minutes does {e} go on?",
  ],
);

export const setting = define(
  "setting",
  "setting",
  town,
  [
    "{e} is set in the town of {v}",
    "the story of {e} takes place in {v}",
    "the heroes of {e} live in {v}",
    "{e} tells about the town of {v}",
    "the events of {e} happen in {v}",
    "the plot of {e} unfolds in {v}",
  ],
  [
    "where is {e} set?",
    "in which town is {e} set?",
    "where does the story of {e} take place?",
    "where do the heroes of {e} live?",
    "about which town does {e} tell?",
    "where does the plot of {e} unfold?",
  ],
);

export const colour = define(
  "colour",
  "colour",
  plain(
    "red, blue, green, yellow, white, black, grey, pink, brown, orange, beige, purple, silver, golden, turquoise, cream",
  ),
  [
    "{e} is {v}",
    "{e} is {v} in colour",
    "{e} comes in {v}",
    "the colour of {e} is {v}",
    "anyone can see that {e} is {v}",
    "{e} looks {v}",
  ],
  [
    "what colour is {e}?",
    "which colour is {e}?",
    "what colour does {e} have?",
    "what is the colour of {e}?",
    "in what colour does {e} come?",
    "what colour does {e} look?",
  ],
);

export const material = define(
  "material",
  "material",
  plain(
    "steel, oak, pine, aluminium, plastic, titanium, copper, bronze, glass, bamboo, iron, clay, brass, birch, cedar, carbon, " +
      "maple, ash, concrete",
  ),
  [
    "{e} is made of {v}",
    "{e} is built of {v}",
    "the body of {e} is made of {v}",
    "the makers of {e} used {v}",
    "{v} was used for the body of {e}",
    "{e} is constructed from {v}",
  ],
  [
    "what is {e} made of?",
    "what material is {e} made of?",
    "what is the body of {e} made of?",
    "what did the makers of {e} use?",
    "of what is {e} built?",
    "what is {e} constructed from?",
  ],
);

export const captain = define(
  "captain",
  "captain",
  person,
  [
    "{v} commands {e}",
    "{e} is commanded by {v}",
    "{v} is at the helm of {e}",
    "the crew of {e} obeys {v}",
    "{e} sails under {v}",
    "{v} steers {e}",
  ],
  [
    "who commands {e}?",
    "by whom is {e} commanded?",
    "who is at the helm of {e}?",
    "whom does the crew of {e} obey?",
    "under whom does {e} sail?",
    "who steers {e}?",
  ],
  { who: true },
);

export const builtYear = define(
  "built-year",
  "year of construction",
  year(1800, 2022),
  [
    "{e} was built in {v}",
    "in {v} {e} was built",
    "the shipyard finished {e} in {v}",
    "{e} first sailed in {v}",
    "{e} left the shipyard in {v}",
    "{e} was constructed in {v}",
  ],
  [
    "when was {e} built?",
    "in which year was {e} built?",
    "when did the shipyard finish {e}?",
    "when did {e} first sail?",
    "in what year did {e} leave the shipyard?",
    "when was {e} constructed?",
  ],
);

export const shipLength = define(
  "ship-length",
  "length",
  count(12, 390, "metre", "metres"),
  [
    "{e} is {v} long",
    "{e} has a length of {v}",
    "from bow to stern {e} is {v}",
    "the hull of {e} is {v} long",
    "{e} measures {v}",
    "{e} stretches {v} from bow to stern",
  ],
  [
    "how long is {e}?",
    "what length does {e} have?",
    "how many metres long is {e}?",
    "how long is the hull of {e}?",
    "how many metres is {e} from bow to stern?",
    "how many metres does {e} measure?",
  ],
);

export const crew = define(
  "crew",
  "crew",
  count(3, 600, "person", "people"),
  [
    "{e} has a crew of {v}",
    "{v} serve on {e}",
    "{e} carries a crew of {v}",
    "{e} needs {v} to sail",
    "{v} work aboard {e}",
    "{e} is crewed by {v}",
  ],
  [
    "how many people serve on {e}?",
    "how large is the crew of {e}?",
    "how many people are in the crew of {e}?",
    "how many people work aboard {e}?",
    "how many people does {e} need to sail?",
    "by how many people is {e} crewed?",
  ],
);

export const speed = define(
  "speed",
  "speed",
  count(5, 60, "knot", "knots"),
  [
    "{e} sails at {v}",
    "{e} reaches a speed of {v}",
    "{e} can make {v}",
    "the top speed of {e} is {v}",
    "{e} moves at {v}",
    "{e} travels at {v}",
  ],
  [
    "how fast is {e}?",
    "what speed does {e} reach?",
    "how many knots can {e} make?",
    "what is the top speed of {e}?",
    "how fast does {e} sail?",
    "how fast does {e} travel?",
  ],
);

export const inventor = define(
  "inventor",
  "inventor",
  person,
  [
    "{v} invented {e}",
    "{e} was invented by {v}",
    "{v} came up with {e}",
    "{e} is an invention of {v}",
    "{v} drew the plans of {e}",
    "{v} devised {e}",
  ],
  [
    "who invented {e}?",
    "by whom was {e} invented?",
    "who came up with {e}?",
    "whose invention is {e}?",
    "who drew the plans of {e}?",
    "who devised {e}?",
  ],
  { who: true },
);

export const price = define(
  "price",
  "price",
  count(5, 9900, "dollar", "dollars"),
  [
    "{e} costs {v}",
    "{e} sells for {v}",
    "you can buy {e} for {v}",
    "shops ask {v} for {e}",
    "a buyer of {e} pays {v}",
    "{e} is priced at {v}",
  ],
  [
    "how much does {e} cost?",
    "how much is {e}?",
    "for how much does {e} sell?",
    "what do shops ask for {e}?",
    "what does a buyer of {e} pay?",
    "at how much is {e} priced?",
  ],
);

export const battery = define(
  "battery",
  "battery life",
  count(2, 240, "hour", "hours"),
  [
    "{e} works for {v} on one charge",
    "the battery of {e} lasts {v}",
    "{e} runs for {v} without charging",
    "on one charge {e} works for {v}",
    "{e} needs charging after {v}",
    "the battery of {e} holds out for {v}",
  ],
  [
    "how long does the battery of {e} last?",
    "how many hours does {e} work on one charge?",
    "how long does {e} run without charging?",
    "after how many hours does {e} need charging?",
    "how many hours does the battery of {e} last?",
    "for how many hours does the battery of {e} hold out?",
  ],
);

export const power = define(
  "power",
  "power",
  count(5, 3000, "watt", "watts"),
  [
    "{e} has a power of {v}",
    "{e} uses {v}",
    "{e} draws {v}",
    "{e} needs {v} to work",
    "{e} is rated at {v}",
    "{e} consumes {v}",
  ],
  [
    "how powerful is {e}?",
    "how many watts does {e} use?",
    "what power does {e} have?",
    "how many watts does {e} draw?",
    "at how many watts is {e} rated?",
    "how many watts does {e} consume?",
  ],
);

export const deviceWeight = define(
  "device-weight",
  "weight",
  count(20, 990, "gram", "grams"),
  [
    "{e} weighs {v}",
    "{e} has a weight of {v}",
    "{e} weighs only {v}",
    "the mass of {e} is {v}",
    "on the scales {e} shows {v}",
    "{e} tips the scales at {v}",
  ],
  [
    "how much does {e} weigh?",
    "how heavy is {e}?",
    "how many grams does {e} weigh?",
    "what does {e} weigh?",
    "what is the mass of {e}?",
    "at what weight does {e} tip the scales?",
  ],
);
