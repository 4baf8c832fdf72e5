/** English attributes of people, and of animals with names. */
import { define } from "./define.ts";
import { count, countable, plain, town, year } from "./values.ts";

export const birthYear = define(
  "birth-year",
  "year of birth",
  year(1800, 2015),
  [
    "{e} was born in {v}",
    "in {v} {e} was born",
    "the birth of {e} was in {v}",
    "{e} came into the world in {v}",
    "{e.g} life began in {v}",
    "{e} has been alive since {v}",
  ],
  [
    "when was {e} born?",
    "in which year was {e} born?",
    "what year was {e} born in?",
    "when did {e} come into the world?",
    "in what year was the birth of {e}?",
    "when did {e.g} life begin?",
  ],
);

export const birthPlace = define(
  "birth-place",
  "place of birth",
  town,
  [
    "{e} was born in the town of {v}",
    "{e} comes from the town of {v}",
    "the home town of {e} is {v}",
    "{v} is the birthplace of {e}",
    "{e} is a native of {v}",
    "{e.g} birthplace is {v}",
  ],
  [
    "where was {e} born?",
    "in which town was {e} born?",
    "where does {e} come from?",
    "what is the birthplace of {e}?",
    "which town is {e} a native of?",
    "what is {e.g} home town?",
  ],
);

export const residence = define(
  "residence",
  "place of residence",
  town,
  [
    "{e} lives in the town of {v}",
    "{e} now lives in {v}",
    "{e} has a home in {v}",
    "the town where {e} lives is {v}",
    "{v} is where {e} lives",
    "{e} resides in {v}",
  ],
  [
    "where does {e} live?",
    "in which town does {e} live?",
    "where does {e} live now?",
    "which town does {e} live in?",
    "where does {e} have a home?",
    "where does {e} reside?",
  ],
);

export const profession = define(
  "profession",
  "profession",
  countable(
    "baker, doctor, teacher, cook, engineer, lawyer, gardener, carpenter, architect, journalist, translator, geologist, " +
      "chemist, pilot, vet, librarian, shoemaker, musician, painter, mechanic, electrician, tailor, programmer, plumber, nurse",
  ),
  [
    "{e} is {v.i}",
    "{e} works as {v.i}",
    "by profession {e} is {v.i}",
    "{e} has long worked as {v.i}",
    "{e} earns a living as {v.i}",
    "{e} is employed as {v.i}",
  ],
  [
    "what does {e} do for a living?",
    "what is {e} by profession?",
    "what does {e} work as?",
    "what job does {e} have?",
    "how does {e} earn a living?",
    "what is {e} employed as?",
  ],
);

export const favouriteFood = define(
  "favourite-food",
  "favourite food",
  plain(
    "cheese, porridge, bread, fish, soup, grapes, cabbage, pie, rice, raspberries, pumpkin, chocolate, melon, radish, " +
      "beans, corn, salad, marmalade, beetroot, noodles, pancakes, lentils, mushrooms, honey, olives",
  ),
  [
    "{e} likes {v} best of all",
    "{e} loves to eat {v}",
    "of all foods {e} prefers {v}",
    "{e} is very fond of {v}",
    "for lunch {e} always asks for {v}",
    "{e} adores {v}",
  ],
  [
    "what does {e} like to eat?",
    "what food does {e} like best?",
    "what does {e} love to eat?",
    "which food does {e} prefer?",
    "what does {e} ask for at lunch?",
    "what food does {e} adore?",
  ],
);

export const sport = define(
  "sport",
  "favourite sport",
  plain(
    "football, hockey, tennis, boxing, swimming, gymnastics, fencing, basketball, volleyball, rowing, wrestling, biathlon, " +
      "badminton, climbing, golf, rugby, cricket, judo, cycling, sailing",
  ),
  [
    "{e} goes in for {v}",
    "{e} trains in {v}",
    "of all sports {e} chose {v}",
    "{e} spends weekends on {v}",
    "the sport that {e} does is {v}",
    "{e} is keen on {v}",
  ],
  [
    "what sport does {e} do?",
    "which sport does {e} go in for?",
    "what sport did {e} choose?",
    "what does {e} train in?",
    "which sport does {e} like?",
    "what sport is {e} keen on?",
  ],
);

export const instrument = define(
  "instrument",
  "musical instrument",
  plain(
    "violin, flute, guitar, trumpet, harp, piano, accordion, oboe, clarinet, organ, banjo, drums, cello, double bass, " +
      "saxophone, mandolin, viola, trombone",
  ),
  [
    "{e} plays the {v}",
    "{e} plays the {v} well",
    "{e} learned to play the {v}",
    "as a child {e} took up the {v}",
    "the instrument that {e} plays is the {v}",
    "{e} performs on the {v}",
  ],
  [
    "what does {e} play?",
    "what instrument does {e} play?",
    "which musical instrument does {e} play?",
    "what did {e} learn to play?",
    "which instrument did {e} take up?",
    "what instrument does {e} perform on?",
  ],
);

export const pet = define(
  "pet",
  "pet",
  countable(
    "cat, dog, parrot, hamster, rabbit, turtle, canary, lizard, squirrel, crow, raccoon, goat, owl, iguana, ferret, python, frog",
  ),
  [
    "{e} keeps {v.i} at home",
    "{e} has {v.i} as a pet",
    "{e} looks after {v.i}",
    "{e} shares a home with {v.i}",
    "the animal in the home of {e} is {v.i}",
    "{e} owns {v.i}",
  ],
  [
    "what pet does {e} have?",
    "what animal does {e} keep?",
    "what animal lives with {e}?",
    "which pet does {e} keep at home?",
    "what animal does {e} look after?",
    "what animal does {e} own?",
  ],
);

export const animalFood = define(
  "animal-food",
  "main food",
  plain(
    "grass, hay, fish, meat, carrots, cabbage, apples, bananas, pumpkin, oats, grain, corn, pears, melon, honey, leaves, " +
      "potatoes, clover, berries, nuts",
  ),
  [
    "{e} eats mostly {v}",
    "{e} loves to eat {v}",
    "of all foods {e} prefers {v}",
    "{e} is fed on {v}",
    "{e} gets {v} for lunch",
    "the diet of {e} is mainly {v}",
  ],
  [
    "what does {e} eat?",
    "what does {e} like to eat?",
    "what is {e} fed on?",
    "what does {e} get for lunch?",
    "which food does {e} prefer?",
    "what does the diet of {e} consist of?",
  ],
);

export const weight = define(
  "weight",
  "weight",
  count(2, 990, "kilogram", "kilograms"),
  [
    "{e} weighs {v}",
    "{e} has a weight of {v}",
    "{e} weighs exactly {v}",
    "the scales show that {e} weighs {v}",
    "the mass of {e} is {v}",
    "{e} tips the scales at {v}",
  ],
  [
    "how much does {e} weigh?",
    "how heavy is {e}?",
    "how many kilograms does {e} weigh?",
    "what does {e} weigh?",
    "what is the mass of {e}?",
    "at what weight does {e} tip the scales?",
  ],
);
