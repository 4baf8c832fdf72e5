/** A system prompt in, what a Vikhr model cannot do with it out: a line each. */
import { type SystemPromptFault, systemPromptFaults } from "../grounding/system-prompt-faults.ts";

const WARNINGS: Readonly<Record<SystemPromptFault, string>> = {
  "not-english":
    "the system prompt is not in English: these models know English ones only (the answers keep the language of the question)",
  persona:
    "the system prompt describes a persona: these models take it for the style of the answers only, such as 'Answer in one sentence.'",
};

export function systemPromptWarnings(prompt: string): string[] {
  return systemPromptFaults(prompt).map((fault) => WARNINGS[fault]);
}
