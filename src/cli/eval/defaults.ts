/** What the commands of `vikhr eval arena` take where nothing else is said. */

/** A folder. */
export const DEFAULT_RUN = "runs/arena";
/** Of Ru-Arena-General. */
export const DEFAULT_BASELINE = "gpt-3.5-turbo-0125";
/** Of an answer, and of a judgment's turn. */
export const DEFAULT_MAX_TOKENS = 4096;
