/** Stems of made-up names, from syllables; a hash of the stem decides for good whether training or a test may use it. */
import type { NameSource } from "./grammar.ts";
import type { GroundedSplit } from "./options.ts";
import type { Random } from "./random.ts";

export interface Syllables {
  onsets: readonly string[];
  clusters: readonly string[];
  vowels: readonly string[];
  /** Vowels that may begin a name. */
  first: readonly string[];
  /** Consonants that may close a syllable inside a name. */
  codas: readonly string[];
  /** Consonants at the end of the stem. */
  finals: readonly string[];
  /** Stems that match are drawn again: misspelled, or rude. */
  forbidden: RegExp;
}

/** One in five stems belongs to the tests. */
const TEST_SHARE = 5;

/** FNV-1a over UTF-16 code units, then a final mix so that the low digits are even. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

export function isTestStem(stem: string): boolean {
  return hashText(stem) % TEST_SHARE === 0;
}

export function namesOf(split: GroundedSplit): NameSource {
  return { accepts: split === "train" ? (stem) => !isTestStem(stem) : isTestStem };
}

/** A small-letter stem of two or, less often, three syllables that ends in a consonant. */
export function makeStem(random: Random, names: NameSource, syllables: Syllables): string {
  for (;;) {
    const stem = drawStem(random, syllables);
    if (names.accepts(stem) && !syllables.forbidden.test(stem)) return stem;
  }
}

function drawStem(random: Random, s: Syllables): string {
  const count = random.chance(0.3) ? 3 : 2;
  let stem = "";
  for (let at = 0; at < count; at++) {
    const bare = at === 0 && random.chance(0.12);
    if (bare) stem += random.pick(s.first);
    else stem += random.pick(random.chance(0.2) ? s.clusters : s.onsets) + random.pick(s.vowels);
    if (at < count - 1 && random.chance(0.25)) stem += random.pick(s.codas);
  }
  return stem + random.pick(s.finals);
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
