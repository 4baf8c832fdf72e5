/** What a report must say of itself so that another person can make it again. */

export interface Manifest {
  /** As it was called. */
  command: string;
  /** ISO 8601. */
  created: string;
  /** Of Vikhr. */
  version: string;
  /** Names of files -> SHA-256 of what was in them. */
  data: Record<string, string>;
  /** Prompts and rules, whole: title -> text. */
  texts: Record<string, string>;
  /** Everything else: judge, baseline, temperature, seed, rounds, concurrency. */
  settings: Record<string, string | number | boolean>;
}
