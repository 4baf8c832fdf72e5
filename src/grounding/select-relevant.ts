/**
 * The protocol's first step over one prompt: at temperature 0, under a grammar, the model names the documents that
 * bear on the last question. At most `MAX_PROMPT_DOCUMENTS` documents come in.
 */
import { ContextOverflowError, VikhrError } from "../errors.ts";
import type { GroundingDocument } from "../spec/document.ts";
import { GROUNDED_SYSTEM_PROMPT } from "../spec/grounding.ts";
import type { FinishReason, GeneratedToken, LanguageModel, Usage } from "../spec/language-model.ts";
import type { Message } from "../spec/message.ts";
import { documentsMessage } from "./documents-message.ts";
import { relevanceOfDocuments } from "./relevance-of-documents.ts";
import { parseSelection, relevantIdsGrammar, spellSelection } from "./selection-text.ts";

/** The longest selection of six ids takes 40 tokens if every character is one; the rest is for servers without grammars. */
const MAX_SELECTION_TOKENS = 128;
/** The most that chat completions report; a server whose completions report fewer is asked for fewer. */
const TOP_LOGPROBS = 20;

export interface Selection {
  /** The dialogue so far, ending with the selection as the assistant's turn: the prompt of the second step. */
  messages: Message[];
  /** Ascending; ids as the caller knows them, here and in `relevance`. */
  relevantDocIds: number[];
  relevance: Map<number, number>;
  usage: Usage;
}

export interface SelectRelevantOptions {
  /** Show the documents to the model as 0, 1, 2, ... in the order given, whatever their ids are. */
  renumber: boolean;
  signal?: AbortSignal | undefined;
}

export async function selectRelevant(
  model: LanguageModel,
  dialogue: readonly Message[],
  documents: readonly GroundingDocument[],
  { renumber, signal }: SelectRelevantOptions,
): Promise<Selection> {
  const shown = renumber ? documents.map((document, docId) => ({ ...document, docId })) : documents;
  const ids = shown.map((document) => document.docId).sort((a, b) => a - b);
  const messages = [
    { role: "system", content: GROUNDED_SYSTEM_PROMPT },
    documentsMessage(shown),
    ...dialogue,
  ];
  const { reply, tokens, usage } = await askForSelection(model, messages, relevantIdsGrammar(ids), signal);
  const picked = parseSelection(reply, ids);
  const relevance = relevanceOfDocuments(tokens, ids, picked);
  const given = documents.map((document, index) => ({ own: document.docId, shown: shown[index]!.docId }));
  return {
    messages: [...messages, { role: "assistant", content: spellSelection(picked) }],
    relevantDocIds: given
      .filter((id) => picked.includes(id.shown))
      .map((id) => id.own)
      .sort((a, b) => a - b),
    relevance: new Map(given.map((id) => [id.own, relevance.get(id.shown)!])),
    usage,
  };
}

async function askForSelection(
  model: LanguageModel,
  messages: readonly Message[],
  grammar: string,
  signal: AbortSignal | undefined,
): Promise<{ reply: string; tokens: GeneratedToken[]; usage: Usage }> {
  const settings = { temperature: 0, grammar, topLogprobs: TOP_LOGPROBS, maxTokens: MAX_SELECTION_TOKENS };
  const tokens: GeneratedToken[] = [];
  let reply = "";
  let finishReason: FinishReason | undefined;
  let usage: Usage = { promptTokens: 0, completionTokens: 0, reusedTokens: 0 };
  for await (const chunk of model.generate({ messages }, { ...settings, ...(signal && { signal }) })) {
    reply += chunk.text;
    tokens.push(...chunk.tokens);
    usage = chunk.usage ?? usage;
    finishReason = chunk.finishReason;
    if (chunk.finishReason === "length" && usage.completionTokens < MAX_SELECTION_TOKENS)
      throw new ContextOverflowError(usage.promptTokens, model.contextSize);
  }
  signal?.throwIfAborted();
  if (finishReason === "aborted") throw new VikhrError("the model was closed while it was answering");
  return { reply, tokens, usage };
}
