/**
 * What a Vikhr model cannot do with a system prompt: its makers trained it with English ones, for style, and not for
 * personas. Rules of thumb: they warn and forbid nothing.
 */

/** One of these stands in nearly every English sentence. */
const ENGLISH =
  /(?<!\p{L})(the|a|an|to|in|of|and|or|be|is|are|you|your|it|as|with|for|only|not|do|use|answer|answers|reply|respond|write|speak)(?!\p{L})/iu;

const PERSONAS = [
  // "You are a helpful assistant" describes no one.
  /(?<!\p{L})you(?: are|'re) (?:now )?(?:an? |the )(?!(?:[\p{L}-]+,? ){0,4}(?:assistant|model|ai)(?!\p{L}))/iu,
  /(?<!\p{L})[Yy]ou(?: are|'re) (?:now )?\p{Lu}\p{Ll}+(?![\p{L}'])/u,
  /(?<!\p{L})(?:pretend|role-?play|act as|act like|imagine (?:that )?you|your name is|play the (?:role|part)|speak as|persona|in character)(?!\p{L})/iu,
  /(?<!\p{L})(?:ты|вы) ?[—–-] ?(?!\S*ассистент|\S*помощник)\p{L}/iu,
  /(?<!\p{L})(?:представь(?:те)?,? что ты|веди себя как|притворись|тебя зовут|твоё имя|твое имя|в роли|сыграй)(?!\p{L})/iu,
];

export type SystemPromptFault = "not-english" | "persona";

export function systemPromptFaults(prompt: string): SystemPromptFault[] {
  const faults: SystemPromptFault[] = [];
  if (!looksEnglish(prompt)) faults.push("not-english");
  if (PERSONAS.some((pattern) => pattern.test(prompt))) faults.push("persona");
  return faults;
}

function looksEnglish(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const ascii = text.match(/[a-z]/gi)?.length ?? 0;
  const words = text.match(/\p{L}+/gu)?.length ?? 0;
  return letters - ascii <= 0.1 * letters && (words < 5 || ENGLISH.test(text));
}
