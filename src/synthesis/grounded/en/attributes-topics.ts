/** Topics ("river shipping") and what documents say of them: an adjective and a noun make very many. */
import type { EntityType } from "../grammar.ts";
import { define } from "./define.ts";
import { country, noun, person, plain, year } from "./values.ts";

const ADJECTIVES = (
  "global river sea forest urban rural winter summer night distant digital school family home modern ancient northern " +
  "southern eastern western mountain underwater iron steppe folk local space military scientific private industrial " +
  "evening autumn spring early late mass rare quiet fast slow warm cold dry wet coastal regional public open"
).split(" ");

const NOUNS = (
  "warming shipping farming building education nutrition art lighting heating fishing breeding production flooding cooling " +
  "trade hunting medicine architecture music industry economy migration erosion drought cooking fashion mail transport " +
  "energy aviation literature painting teaching tourism sport theatre climate housing noise language folklore gardening"
).split(" ");

const cause = define(
  "cause",
  "main cause",
  plain(
    "logging, drought, wind, smoke, poverty, hunger, frost, heat, rain, noise, war, advertising, boredom, taxes, habit, " +
      "tradition, reform, weather, dust, smog",
  ),
  [
    "{e} is caused by {v}",
    "{v} leads to {e}",
    "{e} is mostly due to {v}",
    "behind {e} stands {v}",
    "{e} comes from {v}",
    "{v} gives rise to {e}",
  ],
  [
    "what causes {e}?",
    "what leads to {e}?",
    "why does {e} arise?",
    "what stands behind {e}?",
    "where does {e} come from?",
    "what gives rise to {e}?",
  ],
);

const effect = define(
  "effect",
  "main effect",
  plain(
    "rising prices, new roads, empty houses, long winters, growing cities, clean air, dust storms, new schools, cheap bread, " +
      "high taxes, melting ice, forest fires, lost jobs, fewer birds, dirty water, longer days",
  ),
  [
    "{e} brings {v}",
    "{e} results in {v}",
    "the outcome of {e} is {v}",
    "{e} ends in {v}",
    "after {e} people see {v}",
    "{e} entails {v}",
  ],
  [
    "what does {e} bring?",
    "what does {e} result in?",
    "what is the outcome of {e}?",
    "how does {e} end?",
    "what do people see after {e}?",
    "what does {e} entail?",
  ],
);

const remedy = define(
  "remedy",
  "recommended measure",
  plain(
    "planting trees, new laws, saving water, teaching children, mending roads, collecting waste, lower taxes, building dams, " +
      "open lectures, insulating houses, shared cars, longer holidays, free buses, painting roofs, night shifts",
  ),
  [
    "experts on {e} recommend {v}",
    "the plan for {e} is {v}",
    "{e} calls for {v}",
    "{e} can be managed by {v}",
    "what helps with {e} is {v}",
    "{e} can be handled through {v}",
  ],
  [
    "what do experts on {e} recommend?",
    "what is the plan for {e}?",
    "what does {e} call for?",
    "what helps with {e}?",
    "how can {e} be managed?",
    "how can {e} be handled?",
  ],
);

const researcher = define(
  "researcher",
  "main researcher",
  person,
  [
    "{v} studies {e}",
    "{e} is studied by {v}",
    "the expert on {e} is {v}",
    "{v} wrote a book on {e}",
    "{v} lectures on {e}",
    "{v} investigates {e}",
  ],
  [
    "who studies {e}?",
    "by whom is {e} studied?",
    "who is the expert on {e}?",
    "who wrote a book on {e}?",
    "who lectures on {e}?",
    "who investigates {e}?",
  ],
  { who: true },
);

const described = define(
  "described-year",
  "year of first description",
  year(1700, 2010),
  [
    "{e} was first described in {v}",
    "in {v} {e} was first described",
    "the first book on {e} appeared in {v}",
    "scholars first wrote of {e} in {v}",
    "the term {e} has been in use since {v}",
    "{e} entered science in {v}",
  ],
  [
    "when was {e} first described?",
    "in which year was {e} first described?",
    "when did the first book on {e} appear?",
    "when did scholars first write of {e}?",
    "since when has the term {e} been in use?",
    "when did {e} enter science?",
  ],
);

const region = define(
  "region",
  "main region",
  country,
  [
    "{e} is most visible in {v}",
    "{e} is strongest in {v}",
    "the best example of {e} is {v}",
    "{v} is known for {e}",
    "{e} is widespread in {v}",
    "{e} is most common in {v}",
  ],
  [
    "where is {e} most visible?",
    "where is {e} strongest?",
    "which country is the best example of {e}?",
    "which country is known for {e}?",
    "in which country is {e} widespread?",
    "where is {e} most common?",
  ],
);

export const topicType: EntityType = {
  id: "topic",
  attributes: [cause, effect, remedy, researcher, described, region],
  make: (random, names) => {
    for (;;) {
      const name = `${random.pick(ADJECTIVES)} ${random.pick(NOUNS)}`;
      if (names.accepts(name))
        return { type: "topic", key: `topic ${name}`, name: noun(name), head: null, quoted: false };
    }
  },
};
