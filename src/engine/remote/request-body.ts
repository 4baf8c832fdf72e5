/** Checked settings -> the JSON of a request, in the words of each kind of server. */
import type { Message } from "../../spec/message.ts";
import type { ResolvedGenerateOptions } from "../generate-options.ts";
import { neutralizeControlTokens } from "./neutralize-control-tokens.ts";
import type { ServerDialect } from "./server-facts.ts";

export interface RequestFacts {
  modelId: string;
  dialect: ServerDialect;
}

type Body = Record<string, unknown>;

/** For /completions; `prompt` is text, or token ids where the server takes them. */
export function completionBody(
  prompt: string | readonly number[],
  settings: ResolvedGenerateOptions,
  facts: RequestFacts,
): Body {
  const { topLogprobs } = settings;
  return {
    ...commonBody(settings, facts),
    prompt,
    // null asks vLLM for all that the context leaves; left out it means 16 to it.
    max_tokens: settings.maxTokens ?? null,
    ...(topLogprobs === undefined ? {} : { logprobs: completionLogprobs(topLogprobs, facts.dialect) }),
    // The template has written the token that begins a text: a second one would harm.
    ...(facts.dialect === "vllm" ? { add_special_tokens: false } : {}),
  };
}

/** For /chat/completions: the server renders the messages, and tokenizes the result with control tokens on. */
export function chatBody(
  messages: readonly Message[],
  settings: ResolvedGenerateOptions,
  facts: RequestFacts,
  spellings: readonly string[],
): Body {
  const { topLogprobs, maxTokens } = settings;
  return {
    ...commonBody(settings, facts),
    messages: messages.map(({ role, content }) => ({
      role: neutralizeControlTokens(role, spellings),
      content: neutralizeControlTokens(content, spellings),
    })),
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(topLogprobs === undefined
      ? {}
      : { logprobs: true, top_logprobs: atLeastOne(topLogprobs, facts.dialect) }),
  };
}

/** OpenAI documents 5 for completions (20 for chat); who is as strict refuses more. */
const MAX_COMPLETION_LOGPROBS = 5;

function completionLogprobs(topLogprobs: number, dialect: ServerDialect): number {
  return dialect === "openai"
    ? Math.min(MAX_COMPLETION_LOGPROBS, topLogprobs)
    : atLeastOne(topLogprobs, dialect);
}

/** llama-server reports nothing for 0 alternatives. */
function atLeastOne(topLogprobs: number, dialect: ServerDialect): number {
  return dialect === "llama.cpp" ? Math.max(1, topLogprobs) : topLogprobs;
}

function commonBody(settings: ResolvedGenerateOptions, facts: RequestFacts): Body {
  const { temperature, topP, seed, stop } = settings;
  return {
    model: facts.modelId,
    stream: true,
    stream_options: {
      include_usage: true,
      // So that an answer cut short has its counts too.
      ...(facts.dialect === "vllm" ? { continuous_usage_stats: true } : {}),
    },
    temperature,
    top_p: topP,
    seed,
    ...(stop.length > 0 ? { stop } : {}),
    ...samplers(settings, facts.dialect),
    ...grammar(settings.grammar, facts.dialect),
  };
}

/**
 * Beyond OpenAI's own. vLLM fills what is missing from the model's generation_config.json and llama-server from its
 * own defaults, so to them "off" is said as well; to others only what was asked for, since they may refuse it.
 */
function samplers({ topK, minP, repeatPenalty }: ResolvedGenerateOptions, dialect: ServerDialect): Body {
  const known = dialect !== "openai";
  return {
    // Both take -1 for off; older vLLM refuses 0.
    ...(known || topK > 0 ? { top_k: topK > 0 ? topK : -1 } : {}),
    ...(known || minP > 0 ? { min_p: minP } : {}),
    ...(dialect === "llama.cpp" ? { repeat_penalty: repeatPenalty } : {}),
    ...(dialect === "vllm" || (dialect === "openai" && repeatPenalty !== 1)
      ? { repetition_penalty: repeatPenalty }
      : {}),
  };
}

/** vLLM's name changed in 0.11; it passes over the one it does not know. To an unknown server none is sent. */
function grammar(text: string | undefined, dialect: ServerDialect): Body {
  if (text === undefined || dialect === "openai") return {};
  if (dialect === "llama.cpp") return { grammar: text };
  return { structured_outputs: { grammar: text }, guided_grammar: text };
}
