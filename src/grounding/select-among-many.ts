/**
 * The first step over any number of documents: groups that fit a prompt are decided one by one, and the winners meet
 * again until they fit one prompt, whose decision is final. Order is kept throughout.
 */
import { ContextOverflowError } from "../errors.ts";
import type { GroundingDocument } from "../spec/document.ts";
import { MAX_PROMPT_DOCUMENTS } from "../spec/grounding.ts";
import type { LanguageModel } from "../spec/language-model.ts";
import type { Message } from "../spec/message.ts";
import { addUsage } from "./add-usage.ts";
import { type Selection, selectRelevant } from "./select-relevant.ts";

/**
 * The selection of the final group, with a relevance for every document: the product over the rounds it took part in.
 * Where no group has a winner, the last one stands for all: its selection is empty, and its prompt still cached.
 *
 * A round that keeps more than half of its documents (and more than fit one prompt) is cut to its more relevant half,
 * so n documents take fewer than n / 3 prompts and some, whatever the model says. Where a group is too long for the
 * model's context, its halves are groups, and later groups are no larger.
 */
export async function selectAmongMany(
  model: LanguageModel,
  dialogue: readonly Message[],
  documents: readonly GroundingDocument[],
  signal?: AbortSignal,
): Promise<Selection> {
  const known = documents.every((document) => document.docId < MAX_PROMPT_DOCUMENTS);
  const renumber = documents.length > MAX_PROMPT_DOCUMENTS || !known;
  const relevance = new Map(documents.map((document) => [document.docId, 1]));
  let usage = { promptTokens: 0, completionTokens: 0, reusedTokens: 0 };
  let size = MAX_PROMPT_DOCUMENTS;
  for (let entrants = documents; ; ) {
    const waiting = inGroups(entrants, size);
    const winners: GroundingDocument[] = [];
    let decided = 0;
    for (let group = waiting.shift(); group; group = waiting.shift()) {
      let selection: Selection;
      try {
        selection = await selectRelevant(model, dialogue, group, { renumber, signal });
      } catch (error) {
        // Of the prompt, or of the selection that has no room behind it. One document alone is for the caller to know.
        if (!(error instanceof ContextOverflowError) || group.length === 1) throw error;
        size = Math.ceil(group.length / 2);
        waiting.unshift(...inGroups(group, size));
        continue;
      }
      decided++;
      usage = addUsage(usage, selection.usage);
      for (const [docId, probability] of selection.relevance)
        relevance.set(docId, relevance.get(docId)! * probability);
      winners.push(...group.filter((document) => selection.relevantDocIds.includes(document.docId)));
      const last = waiting.length === 0;
      if (last && (decided === 1 || winners.length === 0)) return { ...selection, relevance, usage };
    }
    entrants = mostRelevant(winners, Math.max(size, Math.floor(entrants.length / 2)), relevance);
  }
}

/** As few groups as possible, of sizes that differ by one at most: a lone document would compete with nothing. */
function inGroups(documents: readonly GroundingDocument[], size: number): GroundingDocument[][] {
  const count = Math.ceil(documents.length / size);
  const start = (group: number) => Math.floor((group * documents.length) / count);
  return Array.from({ length: count }, (_, group) => documents.slice(start(group), start(group + 1)));
}

function mostRelevant(
  documents: readonly GroundingDocument[],
  count: number,
  relevance: ReadonlyMap<number, number>,
): readonly GroundingDocument[] {
  const ranked = [...documents].sort((a, b) => relevance.get(b.docId)! - relevance.get(a.docId)!);
  const kept = new Set(ranked.slice(0, count));
  return documents.filter((document) => kept.has(document));
}
