/** Strengths (natural logarithms of odds against the baseline) <-> ratings <-> win rates against the baseline. */

/** Of the baseline. */
export const RATING_INITIAL = 1000;
/** A factor of ten in odds. */
export const RATING_SCALE = 400;

export function ratingOf(strength: number): number {
  return RATING_INITIAL + (RATING_SCALE * strength) / Math.LN10;
}

/** Percent. */
export function winRateOf(rating: number): number {
  return 100 / (1 + 10 ** ((RATING_INITIAL - rating) / RATING_SCALE));
}
