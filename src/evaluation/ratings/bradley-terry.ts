/**
 * Wins -> strengths after Bradley and Terry (1952), ties as half a win each: in closed form where every battle is
 * against model 0, by Newton's method else.
 */
import { fitStrengths } from "./fit-strengths.ts";
import { ratingOf } from "./rating-scale.ts";

/**
 * `wins[i * models + j]`: how often i won against j. Gives natural logarithms of odds, model 0 at 0. The likelihood has
 * its maximum at finite numbers among models that can beat each other, directly or over others (Ford 1957). Of the rest:
 * Infinity where a model, or those it lost to, never lost to model 0's group; -Infinity where it never won against it;
 * null where no chain of battles says which of both is better.
 */
export function bradleyTerry(wins: Float64Array, models: number): (number | null)[] {
  if (isStar(wins, models)) {
    // The loop that thousands of rounds go through.
    const strengths: (number | null)[] = [0];
    for (let i = 1; i < models; i++) strengths.push(logOdds(wins[i * models]!, wins[i]!));
    return strengths;
  }
  const above = reach(models, (from, to) => wins[to * models + from]! > 0);
  const below = reach(models, (from, to) => wins[from * models + to]! > 0);
  const group = above.flatMap((isAbove, i) => (isAbove && below[i] ? [i] : []));
  const strengths = fitStrengths(trialsBetween(wins, models, group));
  return above.map((isAbove, i) => {
    if (isAbove && below[i]) return strengths[group.indexOf(i)]!;
    return isAbove ? Number.POSITIVE_INFINITY : below[i] ? Number.NEGATIVE_INFINITY : null;
  });
}

const logOdds = (won: number, lost: number) => (won + lost === 0 ? null : Math.log(won / lost));

function isStar(wins: Float64Array, models: number): boolean {
  for (let i = 1; i < models; i++)
    for (let j = 1; j < models; j++) if (wins[i * models + j]! > 0) return false;
  return true;
}

/** Which models a chain of steps leads to from model 0. */
function reach(models: number, leads: (from: number, to: number) => boolean): boolean[] {
  const reached = Array.from({ length: models }, (_, i) => i === 0);
  const open = [0];
  for (let from = open.pop(); from !== undefined; from = open.pop())
    for (let to = 0; to < models; to++)
      if (!reached[to] && leads(from, to)) {
        reached[to] = true;
        open.push(to);
      }
  return reached;
}

/** `group` holds model 0 first. */
function trialsBetween(wins: Float64Array, models: number, group: readonly number[]) {
  const pairs = group.flatMap((i, first) =>
    group.slice(0, first).map((j, second) => {
      return { first, second, won: wins[i * models + j]!, lost: wins[j * models + i]! };
    }),
  );
  const met = pairs.filter(({ won, lost }) => won + lost > 0);
  return {
    models: group.length,
    first: Uint32Array.from(met, (pair) => pair.first),
    second: Uint32Array.from(met, (pair) => pair.second),
    wins: Float64Array.from(met, (pair) => pair.won),
    losses: Float64Array.from(met, (pair) => pair.lost),
    features: new Float64Array(0),
    featureCount: 0,
  };
}

/**
 * The same as ratings, finite for all: a model whose strength has no finite value gets half a battle more, a tie against
 * model 0. That bounds it where nothing else does: its rating then says "at least" or "at most".
 */
export function boundedRatings(wins: Float64Array, models: number): Float64Array {
  const strengths = bradleyTerry(wins, models);
  if (strengths.every(Number.isFinite))
    return Float64Array.from(strengths, (strength) => ratingOf(strength!));
  const bounded = Float64Array.from(wins);
  for (const [i, strength] of strengths.entries()) {
    if (Number.isFinite(strength)) continue;
    bounded[i]! += 0.5;
    bounded[i * models]! += 0.5;
  }
  return boundedRatings(bounded, models);
}
