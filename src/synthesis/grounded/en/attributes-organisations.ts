/** English attributes of companies, museums, festivals and bands. */
import { define } from "./define.ts";
import { count, person, plain, town, year } from "./values.ts";

export const foundedYear = define(
  "founded-year",
  "founding year",
  year(1500, 2020),
  [
    "{e} was founded in {v}",
    "in {v} {e} was founded",
    "the history of {e} began in {v}",
    "{e} has existed since {v}",
    "{e} dates back to {v}",
    "{e} started in {v}",
    "{e} came into being in {v}",
    "{e} was established in {v}",
  ],
  [
    "when was {e} founded?",
    "in which year was {e} founded?",
    "when did the history of {e} begin?",
    "since when has {e} existed?",
    "what year does {e} date back to?",
    "when did {e} come into being?",
    "when was {e} established?",
  ],
);

export const founder = define(
  "founder",
  "founder",
  person,
  [
    "{v} founded {e}",
    "{e} was founded by {v}",
    "{e} was created by {v}",
    "{v} started {e}",
    "the person who founded {e} is {v}",
    "{e} was established by {v}",
  ],
  [
    "who founded {e}?",
    "by whom was {e} founded?",
    "who created {e}?",
    "who started {e}?",
    "what is the name of the person who founded {e}?",
    "who established {e}?",
  ],
  { who: true },
);

export const director = define(
  "director",
  "director",
  person,
  [
    "{v} runs {e}",
    "{e} is run by {v}",
    "{v} is at the head of {e}",
    "{e} is headed by {v}",
    "{v} holds the post of director at {e}",
    "{e} is managed by {v}",
  ],
  [
    "who runs {e}?",
    "who heads {e}?",
    "who is at the head of {e}?",
    "by whom is {e} run?",
    "who holds the post of director at {e}?",
    "who manages {e}?",
  ],
  { who: true },
);

export const seat = define(
  "seat",
  "location",
  town,
  [
    "{e} is in the town of {v}",
    "{e} is located in {v}",
    "{e} works in {v}",
    "you can find {e} in {v}",
    "{v} is the town where {e} is",
    "{e} is based in {v}",
  ],
  [
    "where is {e}?",
    "where is {e} located?",
    "in which town is {e}?",
    "in which town can you find {e}?",
    "in what town does {e} work?",
    "where is {e} based?",
  ],
);

export const employees = define(
  "employees",
  "staff",
  count(12, 9900, "person", "people"),
  [
    "{e} employs {v}",
    "{v} work at {e}",
    "{e} has a staff of {v}",
    "{e} gives work to {v}",
    "the team at {e} is {v}",
    "{e} keeps {v} on its payroll",
  ],
  [
    "how many people does {e} employ?",
    "how many people work at {e}?",
    "how large is the staff of {e}?",
    "how many employees does {e} have?",
    "how many people does {e} give work to?",
    "how many people are on the payroll of {e}?",
  ],
);

export const product = define(
  "product",
  "product",
  plain(
    "furniture, shoes, crockery, paper, clothes, paint, flour, cosmetics, packaging, sugar, cement, chocolate, tea, " +
      "porcelain, soap, bicycles, watches, toys, lamps, boats, carpets, pumps, buttons, candles, umbrellas, glasses, bricks",
  ),
  [
    "{e} makes {v}",
    "{e} produces {v}",
    "{e} is a maker of {v}",
    "{e} sells {v}",
    "the business of {e} is {v}",
    "{e} manufactures {v}",
  ],
  [
    "what does {e} make?",
    "what does {e} produce?",
    "what does {e} sell?",
    "what is {e} a maker of?",
    "what is the business of {e}?",
    "what does {e} manufacture?",
  ],
);

export const collection = define(
  "collection",
  "collection",
  plain(
    "coins, clocks, paintings, dolls, maps, samovars, carpets, stamps, minerals, butterflies, masks, swords, books, " +
      "manuscripts, vases, bells, cars, telephones, cameras, costumes",
  ),
  [
    "{e} collects {v}",
    "{e} keeps {v}",
    "visitors to {e} look at {v}",
    "{e} has {v} on show",
    "{e} shows {v}",
    "{e} displays {v}",
  ],
  [
    "what does {e} collect?",
    "what does {e} show?",
    "what can you see in {e}?",
    "what does {e} keep?",
    "what do visitors to {e} look at?",
    "what does {e} display?",
  ],
);

export const halls = define(
  "halls",
  "size",
  count(2, 60, "hall", "halls"),
  [
    "{e} has {v}",
    "there are {v} in {e}",
    "the exhibition of {e} takes up {v}",
    "visitors to {e} can walk through {v}",
    "{e} is divided into {v}",
    "{e} consists of {v}",
  ],
  [
    "how many halls does {e} have?",
    "how many halls are there in {e}?",
    "how many halls does the exhibition of {e} take up?",
    "into how many halls is {e} divided?",
    "how many halls can visitors to {e} walk through?",
    "how many halls does {e} consist of?",
  ],
);

export const ticketPrice = define(
  "ticket-price",
  "ticket price",
  count(2, 99, "dollar", "dollars"),
  [
    "a ticket to {e} costs {v}",
    "entry to {e} costs {v}",
    "visitors pay {v} to enter {e}",
    "{e} charges {v} for a ticket",
    "you can buy a ticket to {e} for {v}",
    "admission to {e} is {v}",
  ],
  [
    "how much is a ticket to {e}?",
    "how much does a ticket to {e} cost?",
    "how much does entry to {e} cost?",
    "what do visitors pay to enter {e}?",
    "how much does {e} charge for a ticket?",
    "how much is admission to {e}?",
  ],
);

export const month = define(
  "month",
  "month",
  plain("January, February, March, April, May, June, July, August, September, October, November, December"),
  [
    "{e} takes place in {v}",
    "{e} is held in {v}",
    "every {v} people come to {e}",
    "{e} begins every {v}",
    "guests come to {e} in {v}",
    "{e} opens each {v}",
  ],
  [
    "when does {e} take place?",
    "in which month does {e} take place?",
    "when is {e} held?",
    "in what month is {e} held?",
    "in which month do guests come to {e}?",
    "in which month does {e} open?",
  ],
);

export const venue = define(
  "venue",
  "venue",
  town,
  [
    "{e} takes place in the town of {v}",
    "the town of {v} hosts {e}",
    "{e} is held in the town of {v}",
    "guests of {e} travel to {v}",
    "{e} gathers its guests in {v}",
    "{v} welcomes {e}",
  ],
  [
    "where does {e} take place?",
    "where is {e} held?",
    "which town hosts {e}?",
    "in which town is {e} held?",
    "where do guests of {e} travel?",
    "which town welcomes {e}?",
  ],
);

export const visitors = define(
  "visitors",
  "attendance",
  count(300, 99000, "person", "people", 100),
  [
    "{e} attracts {v}",
    "{v} come to {e}",
    "{e} is visited by {v}",
    "{e} brings together {v}",
    "the crowd at {e} is {v}",
    "{e} draws {v}",
  ],
  [
    "how many people come to {e}?",
    "how many people does {e} attract?",
    "how many visitors does {e} have?",
    "by how many people is {e} visited?",
    "how large is the crowd at {e}?",
    "how many people does {e} draw?",
  ],
);

export const members = define(
  "members",
  "line-up",
  count(2, 90, "person", "people"),
  [
    "{v} play in {e}",
    "there are {v} in {e}",
    "{e} is made up of {v}",
    "{e} has {v} on stage",
    "together {e} is {v}",
    "{e} counts {v}",
  ],
  [
    "how many people play in {e}?",
    "how many people are there in {e}?",
    "how many members does {e} have?",
    "of how many people is {e} made up?",
    "how many musicians are in {e}?",
    "how many people does {e} count?",
  ],
);

export const singer = define(
  "singer",
  "singer",
  person,
  [
    "{v} sings in {e}",
    "the voice of {e} is {v}",
    "the songs of {e} are sung by {v}",
    "{v} stands at the microphone of {e}",
    "{v} is the lead voice of {e}",
    "{v} performs the songs of {e}",
  ],
  [
    "who sings in {e}?",
    "who is the voice of {e}?",
    "by whom are the songs of {e} sung?",
    "who stands at the microphone of {e}?",
    "whose voice is heard in {e}?",
    "who performs the songs of {e}?",
  ],
  { who: true },
);

export const musicStyle = define(
  "music-style",
  "musical style",
  plain("rock, jazz, blues, folk, punk, funk, swing, soul, reggae, pop, techno, ska, country, opera, disco"),
  [
    "{e} plays {v}",
    "{e} performs {v}",
    "the music of {e} is {v}",
    "fans love {e} for its {v}",
    "{e} mostly plays {v}",
    "{e} sticks to {v}",
  ],
  [
    "what music does {e} play?",
    "what kind of music does {e} play?",
    "what style does {e} perform?",
    "what do fans love {e} for?",
    "which style of music does {e} play?",
    "what style does {e} stick to?",
  ],
);

export const albums = define(
  "albums",
  "discography",
  count(1, 40, "album", "albums"),
  [
    "{e} recorded {v}",
    "{e} released {v}",
    "{e} has made {v}",
    "{e} has {v} to its name",
    "fans of {e} can buy {v}",
    "{e} has issued {v}",
  ],
  [
    "how many albums did {e} record?",
    "how many albums did {e} release?",
    "how many albums has {e} made?",
    "how many albums does {e} have to its name?",
    "how many albums can fans of {e} buy?",
    "how many albums has {e} issued?",
  ],
);
