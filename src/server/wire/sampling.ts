/** The fields by which OpenAI's clients say how to sample, and ours beyond them, in; GenerateOptions out. */
import { z } from "@hono/zod-openapi";
import type { GenerateOptions } from "../../spec/language-model.ts";

/** Seeds of clients may be any whole number; llama.cpp's have 32 bits, of which the last value means "draw one". */
const SEEDS = 2 ** 32 - 1;
const MAX_CHOICES = 16;

export const samplingFields = {
  temperature: z
    .number()
    .min(0)
    .max(2)
    .nullish()
    .openapi({ description: "0 is greedy. Default 0.3, as the model card recommends." }),
  top_p: z.number().gt(0).max(1).nullish(),
  seed: z
    .int()
    .nullish()
    .openapi({ description: "The same seed and request: the same text on the same machine." }),
  stop: z
    .union([z.string().min(1), z.array(z.string().min(1)).max(16)])
    .nullish()
    .openapi({ description: "Generation ends before any of these." }),
  max_tokens: z.int().min(1).nullish().openapi({ description: "Default: what the context leaves." }),
  n: z.int().min(1).max(MAX_CHOICES).nullish().openapi({
    description:
      "Answers; the prompt is evaluated once. With beams they are the best texts of one search: no more than beams, and not over documents.",
  }),
  top_k: z.int().min(0).nullish(),
  min_p: z.number().min(0).lt(1).nullish(),
  repeat_penalty: z.number().gt(0).max(100).nullish(),
  beams: z.int().min(1).max(16).nullish().openapi({
    description: "Beyond OpenAI: looks for the likeliest text, with so many kept under way; 4 is usual.",
  }),
  length_penalty: z.number().min(-10).max(10).nullish(),
  adapters: z
    .record(z.string(), z.number())
    .nullish()
    .openapi({ description: "Beyond OpenAI: LoRA adapters of the model by name, with their scales." }),
};

const fields = z.object(samplingFields);
export type SamplingFields = Omit<z.infer<typeof fields>, "n">;

/** Of the choice number `index` of several, which differ in their seed alone. */
export function toGenerateOptions(body: SamplingFields, index = 0): GenerateOptions {
  const { temperature, top_p, seed, stop, max_tokens, top_k, min_p, repeat_penalty, beams, length_penalty } =
    body;
  return {
    ...(typeof temperature === "number" && { temperature }),
    ...(typeof top_p === "number" && { topP: top_p }),
    ...(typeof seed === "number" && { seed: (((seed + index) % SEEDS) + SEEDS) % SEEDS }),
    ...(stop != null && { stop: typeof stop === "string" ? [stop] : stop }),
    ...(typeof max_tokens === "number" && { maxTokens: max_tokens }),
    ...(typeof top_k === "number" && { topK: top_k }),
    ...(typeof min_p === "number" && { minP: min_p }),
    ...(typeof repeat_penalty === "number" && { repeatPenalty: repeat_penalty }),
    ...(typeof beams === "number" &&
      beams > 1 && {
        beamSearch: { beams, ...(typeof length_penalty === "number" && { lengthPenalty: length_penalty }) },
      }),
    ...(body.adapters && { adapters: body.adapters }),
  };
}
