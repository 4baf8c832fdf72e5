/**
 * A GGUF file -> a RewardModel that runs in this process: a language model with a scalar head, or a reranker.
 * Everything that can be refused is, before loading.
 */
import { basename } from "node:path";
import { readGguf } from "../../../gguf/read-gguf.ts";
import type { Prompt } from "../../../spec/language-model.ts";
import type { Segment } from "../../../spec/message.ts";
import { promptRenderer } from "../prompt-renderer.ts";
import { promptTokens, segmentTokens } from "../prompt-tokens.ts";
import { EmbeddedReward } from "./embedded-reward.ts";
import { openPooledEngine, type PooledOptions } from "./open-pooled-engine.ts";
import type { PooledEngine } from "./pooled-engine.ts";
import { type RewardHeader, readRewardHeader } from "./reward-header.ts";

export interface EmbeddedRewardOptions extends PooledOptions {
  /** In tokens, of the texts that are rated at once together. Default: as of a language model. */
  contextSize?: number;
}

export async function openEmbeddedReward(
  path: string,
  options: EmbeddedRewardOptions = {},
): Promise<EmbeddedReward> {
  const header = readRewardHeader(readGguf(path));
  const { pooling, isCausal, head } = header;
  const name = options.name ?? basename(path).replace(/\.gguf$/i, "");
  const engine = await openPooledEngine(header, options, {
    name,
    pooling,
    isCausal,
    // Completions of one prompt begin alike.
    reuses: isCausal,
  });
  const tokensOf = pooling === "first" ? pairTokens(engine, header) : dialogueTokens(engine, header);
  return new EmbeddedReward({ name, path, engine, head, tokensOf });
}

/** The completion as the assistant's turn, with what the template ends it with; after a rendered prompt as it is. */
function dialogueTokens(engine: PooledEngine, header: RewardHeader) {
  const render = promptRenderer(header, { addGenerationPrompt: false });
  return (prompt: Prompt, completion: string) => {
    const whole: Prompt =
      "messages" in prompt
        ? { messages: [...prompt.messages, { role: "assistant", content: completion }] }
        : { segments: [...prompt.segments, { kind: "text", text: completion }] };
    return promptTokens(render(whole), engine, engine.options.contextSize);
  };
}

/** As rerankers were trained: [CLS] prompt [SEP] completion [SEP], and `</s></s>` between them in XLM-RoBERTa. */
function pairTokens(engine: PooledEngine, { tokenizer }: RewardHeader) {
  const { first = [], last = [], options } = engine;
  const plain = (text: string) => {
    const segments: Segment[] = [{ kind: "text", text }];
    return segmentTokens(segments, engine, options.contextSize);
  };
  return async (prompt: Prompt, completion: string) => {
    const text =
      "messages" in prompt
        ? prompt.messages.map(({ content }) => content).join("\n")
        : prompt.segments.map((segment) => segment.text).join("");
    const between = tokenizer === "t5" ? [last, last] : [last];
    return [first, await plain(text), between, await plain(completion), last].flat(2);
  };
}
